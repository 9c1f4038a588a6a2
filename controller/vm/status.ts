import { isDeepStrictEqual } from "node:util";
import { finalizers } from "../../api/contract/labels.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { machines } from "../../api/resources.ts";
import { generationOf } from "../../api/revision.ts";
import type { StateChangeRequest } from "../../api/schema/virtual-machine.ts";
import { isTrue } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";
import { type RunStrategy, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { SlimMachineStatus } from "../cache/slim-machine.ts";
import { untilCached } from "../cache/until-cached.ts";
import { statusPatch } from "../status-patch.ts";
import { conditionsOf } from "./conditions.ts";
import type { MachineContext } from "./context.ts";
import { printableStatusOf } from "./printable-status.ts";
import type { Decision } from "./run-strategy.ts";
import type { StartFailure } from "./start-failure.ts";

/** The results of a reconcile, beside the objects that it saw. */
export interface Findings {
  readonly decision: Decision;
  readonly requests: readonly StateChangeRequest[];
  readonly startFailure: StartFailure | undefined;
  /** The run strategy that has had its first start, if any. */
  readonly inForce: RunStrategy | undefined;
  readonly failure?: { reason: string; message: string } | undefined;
}

/** The objects that a status is made from, beside the findings. */
type Seen = Pick<MachineContext, "machine" | "instance" | "now">;

/** The status of a machine. */
export function statusOf(context: Seen, findings: Findings): SlimMachineStatus {
  const { machine, instance, now } = context;
  const { decision, requests, startFailure, failure, inForce } = findings;
  const {
    startFailure: _startFailure,
    stateChangeRequests: _requests,
    created: _created,
    ready: _ready,
    ...kept
  } = machine.status ?? {};
  const { generation = 0 } = machine.metadata;
  const observed = instance && generationOf(instance.metadata);
  return {
    ...kept,
    printableStatus: printableStatusOf({ machine, instance, decision, startFailure }),
    // Absent when false, as in KubeVirt: clients wait until they are absent.
    ...(instance ? { created: true } : {}),
    ...(isTrue(instance?.status?.conditions, "Ready") ? { ready: true } : {}),
    conditions: conditionsOf({ machine, instance, failure, startFailure, now }),
    ...(requests.length > 0 ? { stateChangeRequests: [...requests] } : {}),
    ...(startFailure ? { startFailure } : {}),
    desiredGeneration: generation,
    // KubeVirt's meaning: the generation that the instance, or the last one, was made from. `kubectl wait` ignores a
    // condition while this is less than the generation, so each condition has its own.
    ...(observed === undefined ? {} : { observedGeneration: observed }),
    runStrategy: inForce,
  };
}

/**
 * Milliseconds for which writing the status of a start or a stop waits: most guests run, or have ended, by then, and
 * one write is enough.
 */
const patience = { start: 2000, stop: 1500 } as const;

/** Whether a status has data that the next reconcile needs and has only there: it must be written first. */
export function mustWriteFirst(
  { machine: { status = {} } }: Pick<MachineContext, "machine">,
  next: SlimMachineStatus,
): boolean {
  const strategies = new Set([status.runStrategy, next.runStrategy]);
  return (
    // The last strategy tells whether these strategies have had their first start.
    (strategies.size > 1 && (strategies.has("Once") || strategies.has("RerunOnFailure"))) ||
    !isDeepStrictEqual(status.startFailure, next.startFailure) ||
    !isDeepStrictEqual(status.stateChangeRequests ?? [], next.stateChangeRequests ?? [])
  );
}

/** Milliseconds that writing a status may still wait; zero or less when it must be written now. */
export function writeDelay(
  context: Pick<MachineContext, "machine" | "instance" | "firstSeen">,
  next: SlimMachineStatus,
): number {
  const { machine, instance, firstSeen } = context;
  const isBad = next.conditions?.some(({ type }) => type === "Failure") === true;
  if (isBad || !instance || mustWriteFirst(context, next)) return 0;
  const { uid, deletionTimestamp } = instance.metadata;
  if (deletionTimestamp !== undefined) return patience.stop - firstSeen.age(`${uid} ends`);
  // With other strategies a user asked for the start, and watches it.
  const isOnItsWay = next.printableStatus === "Starting" && runStrategyOf(machine.spec) === "Always";
  // A machine that was ready and is not any more is reported at once.
  if (machine.status?.ready === true) return 0;
  return isOnItsWay && !isFinal(instance.status?.phase) ? patience.start - firstSeen.age(uid) : 0;
}

/** Writes the changes of a machine's status, if there are any, and waits until the cache shows them. */
export async function writeStatus(context: MachineContext, next: SlimMachineStatus): Promise<void> {
  const { client, cache, signal, machine } = context;
  const patch = statusPatch(machine.status ?? {}, next);
  if (Object.keys(patch).length === 0) return;
  const { name = "", namespace = "", resourceVersion } = machine.metadata;
  const written = await client.mergePatch(
    metadataOf(machines),
    { name, namespace },
    { metadata: { resourceVersion }, status: patch },
    { subresource: "status", signal },
  );
  await untilCached(cache.machines.store, written, signal);
}

/** Whether the machine has the finalizer that keeps it until its instance is gone. */
export function hasFinalizer({ machine }: MachineContext): boolean {
  return machine.metadata.finalizers?.includes(finalizers.machine) === true;
}
