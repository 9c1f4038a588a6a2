/**
 * MiB that QEMU may use for translated code where it emulates the guest's CPUs; its own choice, up to 1 GiB, is far more
 * than a small guest needs. The node daemon sets it, and the controller counts it.
 */
export const translatedCodeMiB = 32;
