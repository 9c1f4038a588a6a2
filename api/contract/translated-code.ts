/**
 * MiB that QEMU may use for translated code when it emulates the guest's CPUs. QEMU's default, up to 1 GiB, is far more
 * than a small guest needs. The node daemon sets this limit and the controller counts it.
 */
export const translatedCodeMiB = 32;
