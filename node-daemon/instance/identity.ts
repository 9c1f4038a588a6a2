import type { VirtualMachineInstance } from "../../api/resources.ts";

/** The identity of an instance: a new instance of the same name has another uid. */
export interface InstanceIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The identity of an instance. Throws for an object that was never in an API server. */
export function identityOf({ metadata: { namespace, name, uid } }: VirtualMachineInstance): InstanceIdentity {
  if (!namespace || !name || !uid) throw new TypeError("an instance without namespace, name or uid");
  return { namespace, name, uid };
}

/** The name of an instance's domain. No part can contain an underscore, so no two instances share a name. */
export function domainName({ namespace, name }: Pick<InstanceIdentity, "namespace" | "name">): string {
  return `${namespace}_${name}`;
}
