const KiB = 1024;

/**
 * What each serial port, and each of its clients, may keep whatever the budget says, in bytes: with all of it lent, consoles
 * go on, and only those who are slow miss something.
 */
export const always = {
  /** Of the output, for who comes later: what waits to be passed on and some reads fit. */
  replay: 64 * KiB,
  /** Of the output that waits for the disk. */
  log: 32 * KiB,
  /** Of the input that waits for QEMU: a message of a client. */
  input: 128 * KiB,
  /** Of the output that is on its way to a client; it is part of what the connection has reserved. */
  client: 64 * KiB,
} as const;
