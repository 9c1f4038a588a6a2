import { expect, test } from "vitest";
import { isLocked as locked } from "../../../../node-daemon/adapters/storage/file-locks.ts";

const locks = `1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF
2: OFDLCK ADVISORY  READ -1 00:2f:77 100 101
`;
/** A device's number as stat(2) gives it. */
const dev = (major: number, minor: number): bigint => (BigInt(major) << 8n) | BigInt(minor);

test("a lock is that of its very file", () => {
  const isLocked = (text: string, device: bigint, ino: bigint): boolean => locked(text, device, ino, false);
  expect(isLocked(locks, dev(0xfe, 0), 1234n)).toBe(true);
  expect(isLocked(locks, dev(0, 0x2f), 77n)).toBe(true);
  expect(isLocked(locks, dev(0, 0x2f), 7n)).toBe(false);
  expect(isLocked(locks, dev(0xfe, 1), 1234n)).toBe(false);
  expect(isLocked("", dev(0, 0), 0n)).toBe(false);
});

test("who only reads is kept off by those who write, not by others who read", () => {
  // As QEMU 7.2 locks an image that it reads, and one that it writes to.
  const reader = `1: OFDLCK ADVISORY  READ -1 00:2f:77 201 201
2: OFDLCK ADVISORY  READ -1 00:2f:77 100 100
`;
  const writer = `1: OFDLCK ADVISORY  READ -1 00:2f:77 203 203
2: OFDLCK ADVISORY  READ -1 00:2f:77 201 201
3: OFDLCK ADVISORY  READ -1 00:2f:77 100 101
`;
  const device = dev(0, 0x2f);
  expect([reader, writer].map((text) => locked(text, device, 77n, true))).toEqual([false, true]);
  expect([reader, writer].map((text) => locked(text, device, 77n, false))).toEqual([true, true]);
  expect(locked("1: POSIX  ADVISORY  WRITE 4711 00:2f:77 0 EOF\n", device, 77n, true)).toBe(true);
});
