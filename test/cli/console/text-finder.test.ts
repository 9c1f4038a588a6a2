import { expect, test } from "vitest";
import { TextFinder } from "../../../cli/console/text-finder.ts";

test("a text is found however it is cut", () => {
  const text = "web login: ";
  for (let cut = 1; cut < text.length; cut += 1) {
    const finder = new TextFinder("login:");
    const found = [text.slice(0, cut), text.slice(cut)].map((chunk) => finder.push(Buffer.from(chunk)));
    expect(found).toContain(true);
  }
});

test("what is not there is not found", () => {
  const finder = new TextFinder("login:");
  expect(["log", "out:", "in:"].map((chunk) => finder.push(Buffer.from(chunk)))).toEqual([false, false, false]);
});
