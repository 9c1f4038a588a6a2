import type { VirtualMachineInstance } from "../../api/resources.ts";

/** What names an instance for good: a new one of the same name has another uid. */
export interface InstanceIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The identity of an instance; throws for an object that never was in an API server. */
export function identityOf({ metadata: { namespace, name, uid } }: VirtualMachineInstance): InstanceIdentity {
  if (!namespace || !name || !uid) throw new TypeError("an instance without namespace, name or uid");
  return { namespace, name, uid };
}

/** The name of an instance's domain. Neither part can have an underscore, so no two instances share it. */
export function domainName({ namespace, name }: Pick<InstanceIdentity, "namespace" | "name">): string {
  return `${namespace}_${name}`;
}
