import { labels } from "../../api/contract/labels.ts";
import { isOfInstance } from "../../api/contract/placeholder.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { byWrite } from "../../api/kube/controller/write-order.ts";
import { events } from "../../api/kube/events.ts";
import { pods } from "../../api/kube/resources/core-resources.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
import { instanceIdLabel } from "../../api/names.ts";
import { instances, machines } from "../../api/resources.ts";
import type { Target } from "../target/target.ts";
import type { Observed } from "./stage.ts";

/**
 * Watches all objects of a machine's start, and calls `onChange` with them after each change. Resolves when the signal
 * is aborted. Throws if the user may not watch the machine or its instance. Leaves out Pods and events that the user
 * may not see.
 */
export async function observe(
  client: KubeClient,
  { kind, name, namespace = client.namespace }: Target,
  signal: AbortSignal,
  onChange: (observed: Observed) => void,
): Promise<void> {
  const refused = Promise.withResolvers<never>();
  // After the end, a late refusal is no error.
  refused.promise.catch(() => {});
  const ended = new AbortController();
  const all = AbortSignal.any([signal, ended.signal]);
  const reflector = <T extends KubeObject>(
    resource: Resource<T>,
    selection: { fieldSelector?: string; labelSelector?: string },
    needed: boolean,
  ): Reflector<T> =>
    new Reflector(client, resource, {
      namespace,
      ...selection,
      log: (_level, _message, fields) => {
        const error = fields?.error;
        if (needed && error instanceof ApiError && (error.isForbidden || error.isUnauthorized)) refused.reject(error);
      },
    });
  const itself = { fieldSelector: `metadata.name=${name}` };
  const watched = {
    machine: kind === "VirtualMachine" ? reflector(machines, itself, true) : undefined,
    instance: reflector(instances, itself, true),
    pods: reflector(pods, { labelSelector: `${labels.instanceId}=${instanceIdLabel(name)}` }, false),
    events: reflector(events, {}, false),
  };
  const started = Object.values(watched).filter((one) => one !== undefined);
  const tell = (): void => {
    const instance = [...watched.instance.store.values()][0];
    const pod = instance && [...watched.pods.store.values()].find((one) => isOfInstance(one, instance.metadata));
    const told = [...watched.events.store.values()].toSorted(byWrite);
    onChange({
      machine: watched.machine && [...watched.machine.store.values()][0],
      instance,
      pod,
      podEvents: told.filter(({ involvedObject }) => pod !== undefined && involvedObject.uid === pod.metadata?.uid),
      warnings: told.filter(
        ({ involvedObject, type }) => type === "Warning" && involvedObject.uid === instance?.metadata.uid,
      ),
    });
  };
  try {
    const runs = started.map((one) => one.run(all));
    await Promise.race([Promise.all([watched.machine?.synced, watched.instance.synced]), refused.promise]);
    for (const one of started) one.store.subscribe(tell);
    tell();
    await Promise.race([Promise.all(runs), refused.promise]);
  } finally {
    ended.abort();
  }
}
