import type { IncomingMessage, ServerResponse } from "node:http";
import { evictionHook } from "../../api/contract/eviction-hook.ts";
import { isOfInstance, recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { unlessGone } from "../../api/kube/client/unless-gone.ts";
import { ownerKey } from "../../api/kube/controller/source.ts";
import { pods } from "../../api/kube/resources/core-resources.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import type { Allocation } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { isFinal } from "../../api/status/phases.ts";
import { WholeReader } from "../cache/whole-reader.ts";
import type { ObjectName } from "./backends.ts";
import { bodyOf, isFields, largestOptions } from "./body.ts";
import { badRequest } from "./refusals.ts";
import { sendJson } from "./response.ts";
import { mostForUsers } from "./stores.ts";
import type { User } from "./user.ts";

/** Decides about evictions. */
export interface Evictions {
  /** Why a pod must not be evicted now; `undefined` if nothing is in the way. */
  obstacle(pod: ObjectName, dryRun: boolean): Promise<string | undefined>;
}

/** Answers an AdmissionReview (`admission.k8s.io/v1`) of an eviction. */
export async function respondEviction(
  evictions: Evictions,
  user: User,
  request: IncomingMessage,
  response: ServerResponse,
  holding: Allocation,
): Promise<void> {
  if (user.name !== evictionHook.user) throw new StatusError(403, "only the API server itself tells of evictions");
  if (request.method !== "POST") throw new StatusError(405, `${request.method ?? ""} is not allowed, use POST`);
  const { request: asked } = await bodyOf(request, { limit: largestOptions, holding });
  if (!isFields(asked)) throw badRequest("the body is no AdmissionReview: it has no request");
  const { uid, namespace, name, dryRun, object: eviction } = asked;
  if (typeof uid !== "string" || typeof namespace !== "string" || typeof name !== "string") {
    throw badRequest("the request of the AdmissionReview names no pod");
  }
  const obstacle = await evictions.obstacle({ namespace, name }, dryRun === true || isTrial(eviction));
  sendJson(response, 200, {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid,
      allowed: obstacle === undefined,
      // A client that evicts retries after this code, and after no other.
      ...(obstacle === undefined ? {} : { status: { code: 429, reason: "TooManyRequests", message: obstacle } }),
    },
  });
}

/** Whether an Eviction is a dry run; the review itself contains only the request's query, not the body's options. */
function isTrial(eviction: unknown): boolean {
  const options = isFields(eviction) ? eviction.deleteOptions : undefined;
  const dryRun = isFields(options) ? options.dryRun : undefined;
  return Array.isArray(dryRun) && dryRun.includes("All");
}

/** Milliseconds for reading an instance; the API server waits for five seconds. */
const patience = 4000;

/** Refuses evictions for the strategy External, and writes to the status that the instance must leave its node. */
export function externalEvictions(client: KubeClient): Evictions {
  const wholes = new WholeReader(client, mostForUsers);
  const [ofPods, ofInstances] = [metadataOf(pods), metadataOf(instances)];
  return {
    async obstacle(ref, dryRun) {
      const pod = await unlessGone(client.get(ofPods, ref));
      const key = pod && ownerKey(pod, instances);
      if (!pod || key === undefined) return undefined;
      const name = key.slice(key.indexOf("/") + 1);
      const { namespace } = ref;
      const object = { namespace, name };
      const leaving = await unlessGone(
        wholes.read(instances, object, (instance) => leavingOf(instance, pod), AbortSignal.timeout(patience)),
      );
      if (!leaving) return undefined;
      const { uid, node, isTold } = leaving;
      if (!isTold && !dryRun) {
        const patch = { metadata: { uid }, status: { evacuationNodeName: node } };
        await client.mergePatch(ofInstances, object, patch, { subresource: "status" });
      }
      // KubeVirt's message.
      return `Eviction triggered evacuation of VMI "${namespace}/${name}"`;
    },
  };
}

interface Leaving {
  readonly uid: string | undefined;
  /** The node that the instance must leave. */
  readonly node: string;
  /** Whether the instance's status already says so. */
  readonly isTold: boolean;
}

/** The data for an instance with strategy External whose pod is evicted; `undefined` if there is nothing to do. */
function leavingOf({ metadata, spec, status = {} }: VirtualMachineInstance, pod: KubeObject): Leaving | undefined {
  const { nodeName: node, evacuationNodeName, phase } = status;
  const isPlaceholder = isOfInstance(pod, metadata) && recordedPlaceholder(metadata) === pod.metadata?.uid;
  if (!isPlaceholder || spec.evictionStrategy !== "External" || node === undefined) return undefined;
  if (metadata.deletionTimestamp !== undefined || isFinal(phase)) return undefined;
  return { uid: metadata.uid, node, isTold: evacuationNodeName === node };
}
