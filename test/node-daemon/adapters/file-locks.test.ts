import { expect, test } from "vitest";
import { isLocked } from "../../../node-daemon/adapters/file-locks.ts";

const locks = `1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF
2: OFDLCK ADVISORY  READ -1 00:2f:77 100 101
`;
/** A device's number as stat(2) gives it. */
const dev = (major: number, minor: number): bigint => (BigInt(major) << 8n) | BigInt(minor);

test("a lock is that of its very file", () => {
  expect(isLocked(locks, dev(0xfe, 0), 1234n)).toBe(true);
  expect(isLocked(locks, dev(0, 0x2f), 77n)).toBe(true);
  expect(isLocked(locks, dev(0, 0x2f), 7n)).toBe(false);
  expect(isLocked(locks, dev(0xfe, 1), 1234n)).toBe(false);
  expect(isLocked("", dev(0, 0), 0n)).toBe(false);
});
