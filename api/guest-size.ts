/** A quantity as a spec has it, in bytes or with a unit. */
type Amount = string | number;

/** The number of CPU sockets, cores in a socket and threads in a core. */
export type Topology = { sockets: number; cores: number; threads: number };

type GivenTopology = { readonly [part in keyof Topology]?: number | undefined };

/** The parts of `spec.domain` that give the guest its memory. */
interface GivenMemory {
  readonly memory?: { readonly guest?: Amount | undefined } | undefined;
  readonly resources?:
    | {
        readonly requests?: { readonly memory?: Amount | undefined } | undefined;
        readonly limits?: { readonly memory?: Amount | undefined } | undefined;
      }
    | undefined;
}

/** The topology of `spec.domain.cpu`, with 1 for each number that the spec leaves out. */
export function topologyOf({ sockets = 1, cores = 1, threads = 1 }: GivenTopology = {}): Topology {
  return { sockets, cores, threads };
}

/** The number of the guest's virtual CPUs: sockets × cores × threads. */
export function vcpusOf(cpu: GivenTopology | undefined): number {
  const { sockets, cores, threads } = topologyOf(cpu);
  return sockets * cores * threads;
}

/** The guest's memory: `memory.guest`, else the request, else the limit; undefined when the spec has none of them. */
export function guestMemoryOf({ memory, resources }: GivenMemory): Amount | undefined {
  return memory?.guest ?? resources?.requests?.memory ?? resources?.limits?.memory;
}

/** The memory that the placeholder requests for the guest: the request, else the guest's memory, as `guestMemoryOf` has it. */
export function requestedMemoryOf(domain: GivenMemory): Amount | undefined {
  return domain.resources?.requests?.memory ?? guestMemoryOf(domain);
}
