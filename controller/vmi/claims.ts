import { type Claim, claims } from "../../api/kube/resources/core-resources.ts";
import { joinKey } from "../../api/kube/resources/object.ts";
import type { VolumeStatus } from "../../api/schema/instance-status.ts";
import type { SlimInstance, SlimInstanceStatus } from "../cache/slim-instance.ts";
import type { InstanceContext } from "./context.ts";

/** The claims of an instance's volumes by their names. */
export type Claims = ReadonlyMap<string, Claim>;

/** The existing claims of an instance, as far as the cache knows. */
export function claimsOf({ instance, cache }: Pick<InstanceContext, "instance" | "cache">): Claims {
  const found = instance.claims.flatMap(({ claimName }) => {
    const claim = cache.claims.store.get(joinKey(claimName, instance.metadata.namespace));
    return claim ? [[claimName, claim] as const] : [];
  });
  return new Map(found);
}

/** The name of a claim that an instance needs and that does not exist. */
export function missingClaim(instance: SlimInstance, present: Claims): string | undefined {
  return instance.claims.find(({ claimName }) => !present.has(claimName))?.claimName;
}

/** The claims of an instance whose pod is bound to a node, and so the claims too; outdated ones are read again. */
export async function boundClaims(context: InstanceContext): Promise<Claims> {
  const { client, instance, signal } = context;
  const { namespace = "" } = instance.metadata;
  const known = claimsOf(context);
  const found = instance.claims.map(async ({ claimName: name }) => {
    const claim = known.get(name);
    const isBound = claim?.status?.phase === "Bound";
    return [name, isBound ? claim : await client.get(claims, { namespace, name }, { signal })] as const;
  });
  return new Map(await Promise.all(found));
}

/** A status with an entry for each claim: the node daemon needs its size, and users see whether it is bound. */
export function withClaims(status: SlimInstanceStatus, instance: SlimInstance, present: Claims): SlimInstanceStatus {
  const uses = instance.claims;
  if (uses.length === 0) return status;
  const others = (status.volumeStatus ?? []).filter(({ name }) => !uses.some(({ volume }) => volume === name));
  const told = uses.map(({ volume, claimName }) => {
    const { target = "" } = status.volumeStatus?.find(({ name }) => name === volume) ?? {};
    return { ...claimStatus(claimName, present.get(claimName)), name: volume, target };
  });
  return { ...status, volumeStatus: [...others, ...told] };
}

function claimStatus(claimName: string, claim: Claim | undefined): Omit<VolumeStatus, "name" | "target"> {
  const { spec, status } = claim ?? {};
  const info: NonNullable<VolumeStatus["persistentVolumeClaimInfo"]> = { claimName };
  if (spec?.accessModes) info.accessModes = [...spec.accessModes];
  if (spec?.volumeMode) info.volumeMode = spec.volumeMode;
  if (spec?.resources?.requests) info.requests = { ...spec.resources.requests };
  if (status?.capacity) info.capacity = { ...status.capacity };
  return { phase: status?.phase === "Bound" ? "Bound" : "Pending", persistentVolumeClaimInfo: info };
}
