import type { V1ConfigMap } from "@kubernetes/client-node";
import { expect } from "vitest";
import { KubeClient } from "../../../api/kube/client/client.ts";
import type { ClientOptions } from "../../../api/kube/client/client-options.ts";
import type { Wire } from "../../../api/kube/client/wire.ts";
import type { ReadonlyStore } from "../../../api/kube/controller/store.ts";
import type { Credentials } from "../../../api/kube/credentials/credentials.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { type KubeObject, keyOf } from "../../../api/kube/resources/object.ts";
import type { Resource } from "../../../api/kube/resources/resource.ts";
import { running } from "../../../cluster/component.ts";
import { controlPlaneComponents } from "../../../cluster/control-plane.ts";
import { progress } from "../../../cluster/progress.ts";
import { up } from "../../../cluster/up.ts";
import { cluster, eventually } from "../cluster.ts";

export type ConfigMap = Wire<V1ConfigMap>;

export const configMaps: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};

/** Makes the administrator's credentials, for the API server or a proxy. */
export async function administrator(server?: URL): Promise<Credentials> {
  const credentials = await fromKubeconfig({ file: cluster.kubeconfig });
  return {
    server: server ?? credentials.server,
    namespace: credentials.namespace,
    access: () => credentials.access(),
    refused: () => credentials.refused(),
  };
}

/** Makes an administrator's client. */
export async function aClient(options: ClientOptions & { server?: URL } = {}): Promise<KubeClient> {
  return new KubeClient(await administrator(options.server), options);
}

/** Makes the manifest of a ConfigMap. */
export function aConfigMap(namespace: string, name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data };
}

/** Lists name and version of each object. */
function versions(objects: Iterable<KubeObject>): string[] {
  return [...objects].map((object) => `${keyOf(object)}@${object.metadata?.resourceVersion}`).toSorted();
}

/** Waits until a store holds the same objects of a namespace as a new list. */
export async function equalsFreshList(
  store: ReadonlyStore<ConfigMap>,
  client: KubeClient,
  namespace: string,
  timeout = 60_000,
): Promise<void> {
  await eventually(async () => {
    const { items } = await client.list(configMaps, { namespace });
    expect(versions(store.values())).toEqual(versions(items));
  }, timeout);
}

/** Kills the API server, like a fault. */
export async function killApiServer(): Promise<void> {
  const server = controlPlaneComponents(cluster, 0).find(({ name }) => name === "kube-apiserver")!;
  const found = await running(cluster.controlPlane, server);
  process.kill(found!.pid, "SIGKILL");
  await eventually(async () => expect(await running(cluster.controlPlane, server)).toBeUndefined());
}

/** Starts killed components again. */
export async function mend(): Promise<void> {
  await up(cluster, { nodes: 1 }, progress({ live: false, quietBelow: Number.POSITIVE_INFINITY }));
}

/** Makes a repeatable random number generator: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
