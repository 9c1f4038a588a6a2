import { createHash } from "node:crypto";
import { hasAcpi } from "../../api/acpi.ts";
import { type Expiry, expiryOf } from "../../api/contract/expiry.ts";
import { type ClaimUse, claimOf } from "../../api/contract/placeholder-volumes.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { KeepingReflector } from "../../api/kube/controller/reflector.ts";
import type { Log } from "../../api/kube/log.ts";
import { joinKey } from "../../api/kube/resources/object.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceStatus } from "../../api/schema/instance-status.ts";
import { clipped } from "../../api/values/clipped.ts";
import { nodeOf } from "../vmi/handed-over.ts";
import { given } from "./fields.ts";
import { type MultusNetwork, multusNetworks } from "./multus-networks.ts";
import { type Cached, cached } from "./slim.ts";
import { type SlimMetadata, slimMetadata } from "./slim-metadata.ts";
import type { SlimConverter } from "./whole-reader.ts";

/**
 * An instance without its spec and without the guest's report about itself. It has only the data on which reconcilers
 * base decisions. Never write this form back as the whole object.
 */
export interface SlimInstance extends Pick<VirtualMachineInstance, "apiVersion" | "kind"> {
  readonly metadata: SlimMetadata;
  readonly status?: SlimInstanceStatus;
  readonly claims: readonly NamedClaim[];
  readonly networks: readonly MultusNetwork[];
  readonly terminationGracePeriodSeconds: number | undefined;
  /** The connections and buttons that the instance offers its users. */
  readonly has: {
    readonly serialConsole: boolean;
    readonly graphics: boolean;
    readonly interfaces: boolean;
    readonly acpi: boolean;
  };
}

/** A volume on a claim. */
export interface NamedClaim extends ClaimUse {
  readonly volume: string;
}

/** The fields of an instance's status that the controller uses for decisions or writes; it does not change others. */
export type SlimInstanceStatus = Pick<
  InstanceStatus,
  | "phase"
  | "phaseTransitionTimestamps"
  | "nodeName"
  | "reason"
  | "conditions"
  | "activePods"
  | "volumeStatus"
  | "qosClass"
  | "virtualMachineRevisionName"
>;

export interface InstanceSummary {
  /** The node that got the instance. */
  readonly node: string | undefined;
  /** Digests of the keys of its claims: their names alone could take many kilobytes. */
  readonly claims: readonly string[];
  readonly phase: InstanceStatus["phase"];
  readonly reason: string | undefined;
  readonly expiry: Expiry | undefined;
  readonly guestOs: { readonly name: string | undefined; readonly versionId: string | undefined };
}

export type CachedInstance = Cached<InstanceSummary, SlimInstance, VirtualMachineInstance>;

export function slimInstance(instance: VirtualMachineInstance): SlimInstance {
  const { apiVersion, kind, metadata, spec, status } = instance;
  const { autoattachSerialConsole, autoattachGraphicsDevice, interfaces = [] } = spec.domain.devices ?? {};
  return {
    apiVersion,
    kind,
    metadata: slimMetadata(metadata),
    ...(status ? { status: slimStatus(status) } : {}),
    claims: claimsOf(instance),
    networks: multusNetworks(instance),
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    has: {
      serialConsole: autoattachSerialConsole !== false,
      graphics: autoattachGraphicsDevice !== false,
      interfaces: interfaces.length + (status?.interfaces ?? []).length > 0,
      acpi: hasAcpi(spec.domain),
    },
  };
}

function slimStatus(status: InstanceStatus): SlimInstanceStatus {
  const { phase, phaseTransitionTimestamps, nodeName, reason, conditions, activePods, volumeStatus, qosClass } = status;
  const { virtualMachineRevisionName } = status;
  return given<SlimInstanceStatus>({
    phase,
    phaseTransitionTimestamps,
    nodeName,
    reason,
    conditions,
    activePods,
    volumeStatus,
    qosClass,
    virtualMachineRevisionName,
  });
}

function claimsOf({ spec }: VirtualMachineInstance): NamedClaim[] {
  return (spec.volumes ?? []).flatMap((volume) => {
    const use = claimOf(volume);
    return use ? [{ volume: volume.name, ...use }] : [];
  });
}

export function cachedInstance(instance: VirtualMachineInstance): CachedInstance {
  const { metadata, status } = instance;
  const short = slimInstance(instance);
  const { name, versionId } = status?.guestOSInfo ?? {};
  const node = nodeOf(instance);
  const summary = {
    node: node && clipped(node, 253),
    claims: short.claims.map(({ claimName }) => claimDigest(joinKey(claimName, metadata.namespace))),
    phase: status?.phase,
    reason: status?.reason && clipped(status.reason, 256),
    expiry: expiryOf(metadata),
    guestOs: { name: name && clipped(name, 256), versionId: versionId && clipped(versionId, 256) },
  };
  return cached(instance, summary, short);
}

/** A digest of a claim's key. If two claims have the same one, some instances are checked needlessly. */
export function claimDigest(key: string): string {
  return createHash("sha256").update(key).digest().toString("base64url", 0, 9);
}

export const slimInstances: SlimConverter<SlimInstance, VirtualMachineInstance> = {
  resource: instances,
  slim: slimInstance,
};

/** Keeps the controller's cache of all instances up to date. */
export function instanceReflector(
  client: KubeClient,
  log?: Log,
): KeepingReflector<VirtualMachineInstance, CachedInstance> {
  return new KeepingReflector(client, instances, { transform: cachedInstance, ...(log ? { log } : {}) });
}
