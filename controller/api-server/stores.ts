import type { KubeClient } from "../../api/kube/client.ts";
import { ApiError } from "../../api/kube/errors.ts";
import { joinKey, type KubeObject } from "../../api/kube/object.ts";
import type { Resource } from "../../api/kube/resource.ts";
import type { ReadonlyStore } from "../../api/kube/store.ts";
import { instances, machines, type VirtualMachine, type VirtualMachineInstance } from "../../api/resources.ts";
import type { Machines, ObjectName, Objects } from "./ports.ts";

/** What the controller knows of the objects anyway. */
export interface Stores {
  readonly machines: ReadonlyStore<VirtualMachine>;
  readonly instances: ReadonlyStore<VirtualMachineInstance>;
}

/** Looks objects up in the controller's stores, or asks the API server. */
export function storedObjects(client: KubeClient, stores: Stores): Objects {
  return {
    async machine(object, live) {
      return live ? asked(client, machines, object) : stores.machines.get(keyOf(object));
    },
    async instance(object, live) {
      return live ? asked(client, instances, object) : stores.instances.get(keyOf(object));
    },
  };
}

/** Writes changes of machines to the API server. */
export function writtenMachines(client: KubeClient): Machines {
  return {
    async change(object, { patch, subresource, withdrawal, gracePeriod }, dryRun) {
      if (gracePeriod !== undefined) {
        const spec = { terminationGracePeriodSeconds: gracePeriod };
        await client.mergePatch(instances, object, { spec }, { dryRun });
      }
      if (withdrawal) await client.jsonPatch(machines, object, withdrawal, { dryRun, subresource: "status" });
      if (patch.length === 0) return;
      await client.jsonPatch(machines, object, patch, { dryRun, ...(subresource ? { subresource } : {}) });
    },
  };
}

const keyOf = ({ namespace, name }: ObjectName): string => joinKey(name, namespace);

async function asked<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  object: ObjectName,
): Promise<T | undefined> {
  try {
    return await client.get(resource, object);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}
