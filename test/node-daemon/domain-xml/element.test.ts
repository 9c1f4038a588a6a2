import { expect, test } from "vitest";
import { element, render } from "../../../node-daemon/domain-xml/element.ts";

test("what a user wrote cannot become markup", () => {
  const xml = render(element("a", { b: `'><c d="e"/>&` }, "</a><f/>\n"));
  expect(xml).toBe("<a b='&apos;&gt;&lt;c d=&quot;e&quot;/&gt;&amp;'>&lt;/a&gt;&lt;f/&gt;&#10;</a>");
});

test("a character that XML cannot hold is refused", () => {
  expect(() => render(element("a", {}, "\u0000"))).toThrow("has a character that XML cannot hold");
});

test("what is undefined or false is left out", () => {
  expect(render(element("a", { b: undefined }, undefined, false, [element("c"), undefined]))).toBe("<a>\n  <c/>\n</a>");
});
