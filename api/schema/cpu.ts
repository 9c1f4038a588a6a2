import type { z } from "zod";
import { vcpusOf } from "../guest-size.ts";
import { mostVcpus } from "./bounds.ts";
import { choice, integer, listBy, object, opaque, text } from "./field.ts";
import type { Constraint } from "./rule.ts";

const count = (description: string) => integer(description, { min: 1, max: 1024, fallback: 1 });

const product = ["sockets", "cores", "threads"] as const;

/** Each number alone may be possible, but their product may not. */
const topologyIsPossible: Constraint<{ [part in (typeof product)[number]]?: number | undefined }> = {
  cel: {
    rule: `${product.map((part) => `(has(self.${part}) ? self.${part} : 1)`).join(" * ")} <= ${mostVcpus}`,
    message: `sockets × cores × threads can be ${mostVcpus} at most`,
  },
  breach: (cpu) => (vcpusOf(cpu) > mostVcpus ? `sockets × cores × threads can be ${mostVcpus} at most` : undefined),
};

export const cpu = object(
  {
    cores: count("Cores in a socket.").optional(),
    sockets: count("Sockets.").optional(),
    threads: count("Threads in a core.").optional(),
    model: text("The model that the guest sees: host-model, host-passthrough or one of libvirt's.", 128).optional(),
    features: listBy(
      "name",
      object(
        {
          name: text("The feature's name, as libvirt has it.", 64),
          policy: choice(
            ["force", "require", "optional", "disable", "forbid"],
            "What is asked of it; require when absent.",
          ).optional(),
        },
        "A feature of the CPU.",
      ),
      "Features that the model does not bring, or is to lack.",
    ).optional(),
    maxSockets: opaque.integer("Up to how many sockets can be plugged in.").optional(),
    dedicatedCpuPlacement: opaque.boolean("Whether each virtual CPU has a CPU of the node for itself.").optional(),
    numa: opaque.object("How the guest's memory lies on the node's NUMA cells.").optional(),
    isolateEmulatorThread: opaque.boolean("Whether QEMU itself has a CPU of the node for itself.").optional(),
    realtime: opaque.object("Whether virtual CPUs run with real-time priority.").optional(),
  },
  "The guest's CPUs: sockets × cores × threads.",
  { constraints: [topologyIsPossible], fallback: {} },
);
export type Cpu = z.infer<typeof cpu>;
