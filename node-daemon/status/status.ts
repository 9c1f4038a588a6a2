import { isDeepStrictEqual } from "node:util";
import { topologyOf } from "../../api/guest-size.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Condition } from "../../api/schema/condition.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, removeCondition, setCondition, timestamp } from "../../api/status/conditions.ts";
import type { Phase } from "../../api/status/phases.ts";
import { formatBytes } from "../../api/values/quantity.ts";
import { targetedDisks } from "../domain-xml/disk-targets.ts";
import { guestMemory } from "../domain-xml/domain.ts";
import type { Ending } from "../drivers/ending.ts";
import type { DomainObservation, GuestInterface, GuestSystem } from "../drivers/hypervisor.ts";
import type { HostFacts } from "../instance/host.ts";
import { cardsOf } from "../network/card.ts";
import type { PodLink } from "../network/pod-link.ts";
import { clipped } from "./clipped.ts";
import { domainConditions, endedConditions, failureConditions } from "./instance-conditions.ts";
import { interfaceStatuses } from "./interfaces.ts";

/** The facts that a status is made from. */
export interface StatusFacts {
  readonly instance: VirtualMachineInstance;
  readonly host: HostFacts;
  /** The domain, once the guest has started in it. */
  readonly running: DomainObservation | undefined;
  readonly ending: Ending | undefined;
  /** Why the last step failed. */
  readonly failure: string | undefined;
  /** Whether the guest's file systems are frozen; undefined when not checked. */
  readonly frozen: boolean | undefined;
  /** Whether the guest answers its readiness probe; true when it has none. */
  readonly answers: boolean;
  /** The pod's addresses; none when they are not known. */
  readonly addresses: readonly string[];
  /** The pod's devices that the guest is bridged to, as they were before. */
  readonly links: readonly PodLink[];
  /** The answers of the guest agent, if the daemon asked and got an answer. */
  readonly system: GuestSystem | undefined;
  readonly guestInterfaces: readonly GuestInterface[] | undefined;
  readonly now: Date;
}

/** The status fields to change, null for a field to remove; empty when the status is up to date. Pure. */
export function statusChanges(facts: StatusFacts): Partial<InstanceStatus> {
  const { instance, running, ending, failure, now } = facts;
  const old = instance.status ?? {};
  const phase: Phase | undefined = ending?.phase ?? (running ? "Running" : old.phase);
  const changes: Partial<InstanceStatus> = {};
  if (phase !== undefined && phase !== old.phase) {
    changes.phase = phase;
    changes.phaseTransitionTimestamps = [
      ...(old.phaseTransitionTimestamps ?? []),
      { phase, phaseTransitionTimestamp: timestamp(now) },
    ];
  }
  let conditions: readonly Condition[] | undefined = old.conditions;
  const wanted = ending
    ? endedConditions()
    : running
      ? domainConditions(running, facts.host, facts.answers, instance).filter(
          // The controller removes this one: it knows when the node reports again.
          ({ set }) => !(set?.type === "Ready" && isNodeSilent(old)),
        )
      : [];
  for (const { remove, set } of [...wanted, ...failureConditions(old.conditions, failure)]) {
    conditions = remove === undefined ? setCondition(conditions, set, now) : removeCondition(conditions, remove);
  }
  if (conditions !== old.conditions) changes.conditions = [...(conditions ?? [])];
  if (running && old.phase !== "Running") Object.assign(changes, firstFacts(facts, running));
  const interfaces = running && interfacesOf(facts, running);
  if (interfaces && !isDeepStrictEqual(interfaces, old.interfaces)) changes.interfaces = interfaces;
  if (facts.system) changes.guestOSInfo = guestOsInfo(facts.system);
  const isFrozen = ending ? false : facts.frozen;
  if (isFrozen !== undefined && isFrozen !== (old.fsFreezeStatus === "frozen")) {
    changes.fsFreezeStatus = isFrozen ? "frozen" : null;
  }
  if (ending) changes.reason = ending.message;
  return changes;
}

function isNodeSilent({ conditions }: InstanceStatus): boolean {
  return conditionOf(conditions, "Ready")?.reason === conditionReasons.nodeNotReady;
}

/** The facts that the daemon writes once, when the machine starts to run. */
function firstFacts({ instance }: StatusFacts, { machine, user }: DomainObservation): Partial<InstanceStatus> {
  const { spec } = instance;
  const memory = formatBytes(guestMemory(instance));
  return {
    volumeStatus: volumeStatus(instance),
    memory: { guestAtBoot: memory, guestCurrent: memory, guestRequested: memory },
    currentCPUTopology: topologyOf(spec.domain.cpu),
    ...(machine === undefined ? {} : { machine: { type: machine } }),
    ...(user === undefined ? {} : { runtimeUser: user }),
  };
}

/** The network cards; undefined when there is nothing new about them. */
function interfacesOf(
  { instance, addresses, links, guestInterfaces }: StatusFacts,
  { agent }: DomainObservation,
): InstanceStatus["interfaces"] {
  const told = instance.status?.interfaces ?? [];
  // A slow agent must not remove known facts.
  if (agent && !guestInterfaces && told.length > 0) return undefined;
  const cards = cardsOf(instance, links);
  return cards.length > 0 && addresses.length === 0 ? undefined : interfaceStatuses(cards, addresses, guestInterfaces);
}

function guestOsInfo(system: GuestSystem): NonNullable<InstanceStatus["guestOSInfo"]> {
  return Object.fromEntries(Object.entries(system).map(([field, value]) => [field, clipped(value)]));
}

/** The targets of disks, added to the controller's facts about their volumes. */
function volumeStatus({ spec, status }: VirtualMachineInstance): InstanceStatus["volumeStatus"] {
  const told = new Map(status?.volumeStatus?.map((volume) => [volume.name, volume]));
  return targetedDisks(spec).map(({ disk: { name }, target }) => ({ ...told.get(name), name, target }));
}
