import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { PlainBoard } from "../../../cli/wait/plain-board.ts";

/** What a board prints, without the times. */
function printed(several: boolean, use: (board: PlainBoard) => void): string {
  const out = new PassThrough({ encoding: "utf8" });
  use(new PlainBoard(out, several));
  return String(out.read() ?? "").replaceAll(/\(\d+\.\d s\)/g, "(TIME)");
}

test("each new text is a line, and said once", () => {
  const text = printed(false, (board) => {
    board.say("web", "looking for a node");
    board.say("web", "looking for a node");
    board.done("web", "runs on node-1");
  });
  expect(text).toBe("looking for a node\n✓ web runs on node-1 (TIME)\n");
});

test("of several machines, each line says whose it is", () => {
  const text = printed(true, (board) => {
    board.say("web", "booting");
    board.say("db", "booting");
    board.failed("db", "did not start: no disk");
  });
  expect(text).toBe("web: booting\ndb: booting\n✗ db did not start: no disk\n");
});
