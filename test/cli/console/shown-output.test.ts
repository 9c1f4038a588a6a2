import { assert, integer, nat, property, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { ShownOutput } from "../../../cli/console/shown-output.ts";

const shown = (...chunks: readonly string[]): ShownOutput => {
  const seen = new ShownOutput();
  for (const chunk of chunks) seen.push(Buffer.from(chunk));
  return seen;
};
const newOf = (seen: ShownOutput, replay: string): string => seen.newOf(Buffer.from(replay)).toString();

test("of a replay, only what was not shown is new", () => {
  expect(newOf(shown("one\n", "two\n"), "one\ntwo\nthree\n")).toBe("three\n");
});

test("nothing is new when nothing happened", () => {
  expect(newOf(shown("login: "), "login: ")).toBe("");
});

test("everything is new when the end of what was shown is lost", () => {
  expect(newOf(shown("long ago"), "all different")).toBe("all different");
  expect(newOf(shown(), "first")).toBe("first");
});

test("a replay without the questions to the terminal is still recognized", () => {
  const end = "x".repeat(100);
  expect(newOf(shown(`${"y".repeat(500)}\u001b[6n${end}`), `${"y".repeat(500)}${end}new`)).toBe("new");
});

test("a prompt that asks the terminal at its end is recognized, however much or little was before it", () => {
  for (const lines of [1, 20, 500]) {
    const text = "a line of output\r\n".repeat(lines);
    expect(newOf(shown(text, "# \u001b[6n"), `${text}# uptime`)).toBe("uptime");
  }
});

test("whatever is cut where, what was shown and what is new make up the whole", () => {
  assert(
    property(uniqueArray(integer({ min: 0, max: 65_535 }), { minLength: 2 }), nat(), nat(), (numbers, a, b) => {
      const whole = numbers.map((number) => `${number};`).join("");
      const cut = 1 + (a % (whole.length - 1));
      const start = b % cut;
      // What was shown ends at the cut; the replay holds all of it from somewhere before, unless too little is left to tell.
      const seen = shown(whole.slice(0, cut));
      const fresh = newOf(seen, whole.slice(Math.min(start, Math.max(0, cut - 1024))));
      expect(whole.slice(0, cut) + fresh).toBe(whole);
    }),
  );
});
