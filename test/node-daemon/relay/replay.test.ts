import { expect, test } from "vitest";
import { replayOf } from "../../../node-daemon/relay/replay.ts";

const replay = (text: string, cut = false): string => replayOf(Buffer.from(text), { cut }).toString();

test.for([
  ["cursor report", "\u001b[6n"],
  ["status report", "\u001b[5n"],
  ["device attributes", "\u001b[c"],
  ["secondary attributes", "\u001b[>0c"],
  ["mode query", "\u001b[?2026$p"],
  ["window size", "\u001b[18t"],
  ["terminal's version", "\u001b[>q"],
  ["background colour", "\u001b]11;?\u0007"],
  ["terminfo", "\u001bP+q544e\u001b\\"],
])("a replay asks the terminal nothing: %s", ([, query]) => {
  expect(replay(`before${query}after`)).toBe("beforeafter");
});

test("what a replay shows is as it was: colours, moves, titles and bytes that are no text", () => {
  const shown = "\u001b[1;31mred\u001b[0m\u001b[2J\u001b[10;5H\u001b]0;title?\u0007über";
  expect(replay(shown)).toBe(shown);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 5));
  expect(replayOf(bytes, { cut: false }).equals(bytes)).toBe(true);
});

test("a replay that lost its beginning starts with a whole line", () => {
  expect(replay("ne\nwhole\n", true)).toBe("whole\n");
  expect(replay("no line end", true)).toBe("no line end");
});
