const KiB = 1024;

/**
 * Bytes that each serial port, and each of its clients, may always keep, whatever the budget says. So consoles keep
 * working when the whole budget is lent, and only slow clients miss output.
 */
export const guaranteedBytes = {
  /** Output for clients that connect later: room for the pending output and some reads. */
  replay: 64 * KiB,
  /** Output that waits for the disk. */
  log: 32 * KiB,
  /** Input that waits for QEMU: one message of a client. */
  input: 128 * KiB,
  /** Output on its way to a client; part of the connection's reservation. */
  client: 64 * KiB,
} as const;
