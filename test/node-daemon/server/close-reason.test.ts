import { expect, test } from "vitest";
import { closeReason } from "../../../node-daemon/server/close-reason.ts";

test("a reason is cut to what a close frame holds, between characters", () => {
  expect(closeReason("short")).toBe("short");
  expect(closeReason("x".repeat(123))).toBe("x".repeat(123));
  for (const character of ["x", "ü", "€", "😀"]) {
    const cut = closeReason(character.repeat(200));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(123);
    expect(cut).toMatch(new RegExp(`^(${character})+…$`, "u"));
  }
});
