const mebi = 1n << 20n;

/**
 * MiB that QEMU may use for translated code when it emulates the CPUs of a guest with this many bytes of memory. QEMU's
 * default, up to 1 GiB, is far more than a guest needs; with too little, QEMU translates the same code again and again.
 * The node daemon sets this limit and the controller counts it.
 */
export function translatedCodeMiB(guest: bigint): bigint {
  return guest < 256n * mebi ? 32n : 64n;
}
