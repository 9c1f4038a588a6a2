import type { KubeClient } from "../../api/kube/client/client.ts";
import { KeepingReflector } from "../../api/kube/controller/reflector.ts";
import type { Log } from "../../api/kube/log.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import type { VirtualMachineSpec, VirtualMachineStatus } from "../../api/schema/virtual-machine.ts";
import type { PrintableStatus } from "../../api/status/virtual-machine-states.ts";
import { clipped } from "../../api/values/clipped.ts";
import { templateDigest } from "../vm/template-digest.ts";
import { given } from "./fields.ts";
import { type Held, held } from "./slim.ts";
import { type MetaInShort, metaInShort } from "./slim-metadata.ts";
import type { Shortening } from "./whole-reader.ts";

/** A machine without its template, of which there is a digest. What is read from it is never written as the whole. */
export interface MachineInShort extends Pick<VirtualMachine, "apiVersion" | "kind"> {
  readonly metadata: MetaInShort;
  /** When there is to be an instance, in either form. */
  readonly spec: Pick<VirtualMachineSpec, "running" | "runStrategy">;
  readonly status?: MachineStatusInShort;
  readonly templateDigest: string;
}

/** Those fields of a machine's status that the controller writes; it leaves others alone. */
export type MachineStatusInShort = Pick<
  VirtualMachineStatus,
  | "printableStatus"
  | "created"
  | "ready"
  | "conditions"
  | "stateChangeRequests"
  | "startFailure"
  | "observedGeneration"
  | "desiredGeneration"
  | "runStrategy"
>;

export interface MachineSummary {
  readonly machineType: string;
  readonly printableStatus: PrintableStatus | undefined;
}

export type HeldMachine = Held<MachineSummary, MachineInShort, VirtualMachine>;

export function machineInShort(machine: VirtualMachine): MachineInShort {
  const { apiVersion, kind, metadata, spec, status } = machine;
  const { running, runStrategy } = spec;
  return {
    apiVersion,
    kind,
    metadata: metaInShort(metadata),
    spec: given<MachineInShort["spec"]>({ running, runStrategy }),
    ...(status ? { status: statusInShort(status) } : {}),
    templateDigest: templateDigest(machine),
  };
}

function statusInShort(status: VirtualMachineStatus): MachineStatusInShort {
  const { printableStatus, created, ready, conditions, stateChangeRequests, startFailure } = status;
  const { observedGeneration, desiredGeneration, runStrategy } = status;
  return given<MachineStatusInShort>({
    printableStatus,
    created,
    ready,
    conditions,
    stateChangeRequests,
    startFailure,
    observedGeneration,
    desiredGeneration,
    runStrategy,
  });
}

export function heldMachine(machine: VirtualMachine): HeldMachine {
  const { spec, status } = machine;
  const machineType = clipped(spec.template.spec.domain.machine?.type || "q35", 63);
  return held(machine, { machineType, printableStatus: status?.printableStatus }, machineInShort(machine));
}

export const shortMachines: Shortening<MachineInShort, VirtualMachine> = {
  resource: machines,
  inShort: machineInShort,
};

/** Keeps up to date what the controller holds of all machines. */
export function machineReflector(client: KubeClient, log?: Log): KeepingReflector<VirtualMachine, HeldMachine> {
  return new KeepingReflector(client, machines, { transform: heldMachine, ...(log ? { log } : {}) });
}
