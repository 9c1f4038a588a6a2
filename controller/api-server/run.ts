import type { Registry } from "prom-client";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { type ConfigMap, configMaps, pods } from "../../api/kube/resources/core-resources.ts";
import { SubjectAccess } from "./authorization.ts";
import type { ClientTls } from "./daemon-client.ts";
import { daemonLabel, daemonPods } from "./daemon-pods.ts";
import { externalEvictions } from "./evictions.ts";
import { type FrontProxy, frontProxyOf } from "./front-proxy.ts";
import type { PublicOptions } from "./public.ts";
import { apiServerMetrics } from "./request-metrics.ts";
import { type ServingTls, serve } from "./server.ts";
import { serverVersion } from "./server-version.ts";
import { type Stores, storedObjects, writtenMachines } from "./stores.ts";
import { Value, type WatchedValue } from "./watched-value.ts";

export interface RunOptions extends PublicOptions {
  readonly client: KubeClient;
  readonly stores: Stores;
  /** The namespace of the node daemons' pods. */
  readonly namespace: string;
  /** By default the port in `httpsPorts`. */
  readonly port?: number;
  readonly host?: string;
  /** The serving certificate; it must be known before `runApiServer`. */
  readonly serving: WatchedValue<ServingTls>;
  /** Our certificate for connections to node daemons. */
  readonly daemonTls: WatchedValue<ClientTls>;
  /** By default the port in `httpsPorts`. */
  readonly daemonPort?: number;
  readonly registry: Registry;
  readonly onListening?: (port: number) => void;
  readonly log?: Log;
}

/** Runs the aggregated API server, and the watches that it needs, until the signal is aborted. */
export async function runApiServer(options: RunOptions, signal: AbortSignal): Promise<void> {
  const { client, stores, namespace, daemonTls, registry, log = noLog, unready } = options;
  const daemons = new Reflector(client, pods, { namespace, labelSelector: daemonLabel, log });
  const authentication = new Reflector(client, configMaps, {
    namespace: "kube-system",
    fieldSelector: "metadata.name=extension-apiserver-authentication",
    log,
  });
  const synced = { "front proxy": false, "node daemons": false };
  authentication.synced.then(() => (synced["front proxy"] = true)).catch(() => {});
  daemons.synced.then(() => (synced["node daemons"] = true)).catch(() => {});

  // The watches end with the server, also when it fails.
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const watching = [daemons.run(both), authentication.run(both)];
  try {
    await serve(
      {
        ...options,
        unready: () => [...unready(), ...Object.entries(synced).flatMap(([name, done]) => (done ? [] : [name]))],
        frontProxy: watchedFrontProxy(authentication, log),
        authorizer: new SubjectAccess(client),
        objects: storedObjects(client, stores),
        machines: writtenMachines(client),
        daemons: daemonPods(daemons.store),
        daemonTls: () => daemonTls.current(),
        evictions: externalEvictions(client),
        kubernetes: serverVersion(client),
        metrics: apiServerMetrics(registry),
      },
      signal,
    );
  } finally {
    ended.abort();
    await Promise.all(watching);
  }
}

/** The front proxy from the ConfigMap. If the ConfigMap cannot be parsed, the last value stays. */
function watchedFrontProxy({ store }: Reflector<ConfigMap>, log: Log): WatchedValue<FrontProxy> {
  const value = new Value<FrontProxy>();
  store.subscribe(({ current }) => {
    try {
      value.set(current?.data && frontProxyOf(current.data));
    } catch (error) {
      log("error", "the front proxy's settings can not be read", { error });
    }
  });
  return value;
}
