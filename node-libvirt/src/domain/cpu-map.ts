/** The bit map in which libvirt accepts a set of CPU numbers. */
export function toCpuMap(cpus: Iterable<number>): Uint8Array {
  const numbers = [...cpus];
  const map = new Uint8Array(Math.floor(Math.max(-1, ...numbers) / 8) + 1);
  for (const cpu of numbers) {
    if (!Number.isInteger(cpu) || cpu < 0) throw new RangeError(`not a CPU number: ${cpu}`);
    const at = cpu >> 3;
    map[at] = (map[at] ?? 0) | (1 << (cpu & 7));
  }
  return map;
}

/** The CPU numbers in a bit map. */
export function fromCpuMap(map: Uint8Array): number[] {
  const cpus: number[] = [];
  map.forEach((byte, at) => {
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) cpus.push(at * 8 + bit);
  });
  return cpus;
}
