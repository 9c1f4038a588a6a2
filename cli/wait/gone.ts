import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { resourceOf } from "../../api/resources.ts";
import type { Target } from "../target/target.ts";

/** Resolves when an object is gone, or another object has its name. */
export async function gone(
  client: KubeClient,
  { kind, name, namespace = client.namespace, uid }: Target & { uid?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ended = new AbortController();
  const resource = resourceOf(kind);
  const reflector = new Reflector(client, resource, {
    namespace,
    fieldSelector: `metadata.name=${name}`,
    log: (_level, _message, fields) => {
      const error = fields?.error;
      if (error instanceof ApiError && (error.isForbidden || error.isUnauthorized)) reject(error);
    },
  });
  const look = (): void => {
    const [object] = [...reflector.store.values()];
    if (!object || (uid !== undefined && object.metadata?.uid !== uid)) resolve();
  };
  const both = AbortSignal.any([signal, ended.signal]);
  const run = reflector.run(both).then(() => reject(both.reason));
  try {
    await Promise.race([reflector.synced, promise]);
    reflector.store.subscribe(look);
    look();
    await promise;
  } finally {
    ended.abort();
    await run;
  }
}
