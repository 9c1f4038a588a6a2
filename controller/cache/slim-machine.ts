import { type Expiry, expiryOf } from "../../api/contract/expiry.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { KeepingReflector } from "../../api/kube/controller/reflector.ts";
import type { Log } from "../../api/kube/log.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import type { VirtualMachineSpec, VirtualMachineStatus } from "../../api/schema/virtual-machine.ts";
import type { PrintableStatus } from "../../api/status/virtual-machine-states.ts";
import { clipped } from "../../api/values/clipped.ts";
import { templateDigest } from "../vm/template-digest.ts";
import { given } from "./fields.ts";
import { type Cached, cached } from "./slim.ts";
import { type SlimMetadata, slimMetadata } from "./slim-metadata.ts";
import type { SlimConverter } from "./whole-reader.ts";

/** A machine without its template, but with the template's digest. Never write this form back as the whole object. */
export interface SlimMachine extends Pick<VirtualMachine, "apiVersion" | "kind"> {
  readonly metadata: SlimMetadata;
  /** When the machine has an instance, in either form. */
  readonly spec: Pick<VirtualMachineSpec, "running" | "runStrategy">;
  readonly status?: SlimMachineStatus;
  readonly templateDigest: string;
}

/** The fields of a machine's status that the controller writes; it does not change others. */
export type SlimMachineStatus = Pick<
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
  readonly expiry: Expiry | undefined;
}

export type CachedMachine = Cached<MachineSummary, SlimMachine, VirtualMachine>;

export function slimMachine(machine: VirtualMachine): SlimMachine {
  const { apiVersion, kind, metadata, spec, status } = machine;
  const { running, runStrategy } = spec;
  return {
    apiVersion,
    kind,
    metadata: slimMetadata(metadata),
    spec: given<SlimMachine["spec"]>({ running, runStrategy }),
    ...(status ? { status: slimStatus(status) } : {}),
    templateDigest: templateDigest(machine),
  };
}

function slimStatus(status: VirtualMachineStatus): SlimMachineStatus {
  const { printableStatus, created, ready, conditions, stateChangeRequests, startFailure } = status;
  const { observedGeneration, desiredGeneration, runStrategy } = status;
  return given<SlimMachineStatus>({
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

export function cachedMachine(machine: VirtualMachine): CachedMachine {
  const { metadata, spec, status } = machine;
  const machineType = clipped(spec.template.spec.domain.machine?.type || "q35", 63);
  const summary = { machineType, printableStatus: status?.printableStatus, expiry: expiryOf(metadata) };
  return cached(machine, summary, slimMachine(machine));
}

export const slimMachines: SlimConverter<SlimMachine, VirtualMachine> = {
  resource: machines,
  slim: slimMachine,
};

/** Keeps the controller's cache of all machines up to date. */
export function machineReflector(client: KubeClient, log?: Log): KeepingReflector<VirtualMachine, CachedMachine> {
  return new KeepingReflector(client, machines, { transform: cachedMachine, ...(log ? { log } : {}) });
}
