import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import { joinKey, type KubeObject } from "../../api/kube/resources/object.ts";
import { metadataOf, type Resource } from "../../api/kube/resources/resource.ts";
import { instances, machines } from "../../api/resources.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { type CachedInstance, slimInstances } from "../cache/slim-instance.ts";
import { type CachedMachine, slimMachines } from "../cache/slim-machine.ts";
import { type SlimConverter, WholeReader } from "../cache/whole-reader.ts";
import type { Machines, ObjectName, Objects } from "./backends.ts";

/** The controller's stores, which exist anyway. */
export interface Stores {
  readonly machines: ReadonlyStore<CachedMachine>;
  readonly instances: ReadonlyStore<CachedInstance>;
}

/** The most whole objects that are read for users at once; the reconcilers have their own places. */
export const mostForUsers = 2;

/** Milliseconds that a user's request waits for a place and for the object; the client gives up after a minute. */
const patience = 30_000;

/** Looks objects up in the controller's stores, or reads them from the API server. */
export function storedObjects(client: KubeClient, stores: Stores): Objects {
  const wholes = new WholeReader(client, mostForUsers);

  /** Calls `use` with an object from the API server, or with `undefined` when it does not exist. */
  async function read<Whole extends KubeObject, R>(
    resource: Resource<Whole>,
    object: ObjectName,
    use: (whole: Whole | undefined) => R,
  ): Promise<R> {
    const limit = AbortSignal.timeout(patience);
    try {
      return await wholes.read(resource, object, use, limit);
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) return use(undefined);
      if (limit.aborted) throw new StatusError(503, "too many large objects are being read; try again later");
      throw error;
    }
  }

  async function readSlim<Short, Whole extends KubeObject>(
    { resource, slim }: SlimConverter<Short, Whole>,
    object: ObjectName,
    known: { readonly slim: Short | undefined } | undefined,
    live: boolean,
  ): Promise<Short | undefined> {
    if (!live && (!known || known.slim)) return known?.slim;
    return read(resource, object, (whole) => whole && slim(whole));
  }

  return {
    async machine(object, live) {
      return readSlim(slimMachines, object, stores.machines.get(keyOf(object)), live);
    },
    async instance(object, live) {
      return readSlim(slimInstances, object, stores.instances.get(keyOf(object)), live);
    },
    async wholeMachine(object, live, use) {
      const known = stores.machines.get(keyOf(object));
      return !live && (!known || known.whole) ? use(known?.whole) : read(machines, object, use);
    },
  };
}

/** Writes changes of machines to the API server. */
export function writtenMachines(client: KubeClient): Machines {
  const [ofMachines, ofInstances] = [metadataOf(machines), metadataOf(instances)];
  return {
    async change(object, { patch, subresource, withdrawal, gracePeriod }, dryRun) {
      if (gracePeriod !== undefined) {
        const spec = { terminationGracePeriodSeconds: gracePeriod };
        await client.mergePatch(ofInstances, object, { spec }, { dryRun });
      }
      if (withdrawal) await client.jsonPatch(ofMachines, object, withdrawal, { dryRun, subresource: "status" });
      if (patch.length === 0) return;
      await client.jsonPatch(ofMachines, object, patch, { dryRun, ...(subresource ? { subresource } : {}) });
    },
  };
}

const keyOf = ({ namespace, name }: ObjectName): string => joinKey(name, namespace);
