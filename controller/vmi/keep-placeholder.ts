import { maxSpecBytes } from "../../api/contract/constants.ts";
import { isOfInstance, placeholderName, recordedPlaceholder } from "../../api/contract/placeholder.ts";
import { ApiError, TerminalError } from "../../api/kube/client/errors.ts";
import { unlessGone } from "../../api/kube/client/unless-gone.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import { type Pod, pods } from "../../api/kube/resources/core-resources.ts";
import { type KubeObject, keyOf } from "../../api/kube/resources/object.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { reached } from "../../api/status/phase-times.ts";
import { exceeds } from "../cache/size.ts";
import { slimInstance } from "../cache/slim-instance.ts";
import { untilCached } from "../cache/until-cached.ts";
import { objectChanged } from "../cache/whole-reader.ts";
import { withInstanceDefaults } from "../instance-defaults.ts";
import { type Claims, claimsOf, missingClaim } from "./claims.ts";
import type { InstanceContext, InstanceStage } from "./context.ts";
import { isHandedOver } from "./handed-over.ts";
import { networkTrouble } from "./multus.ts";
import { placeholderPod } from "./placeholder-pod.ts";
import { withheldOf } from "./pod-annotations.ts";
import type { PodTrouble } from "./pod-trouble.ts";
import { withTrouble, writeStatus } from "./status.ts";

/** Milliseconds between checks for a missing network. */
const lookAgain = 5000;

/** Makes the placeholder pod of an instance without one. After the hand-over it never makes a second one. */
export const keepPlaceholder: InstanceStage = async (context) => {
  const { instance, pod, foreignPod, cache, events, made, signal } = context;
  if (pod || isHandedOver(instance) || instance.metadata.deletionTimestamp !== undefined) return undefined;
  if (foreignPod) return removeForeignPod(context, foreignPod);
  const claims = claimsOf(context);
  const missing = missingClaim(instance, claims);
  if (missing !== undefined) return claimMissing(context, missing);
  const trouble = await networkTrouble(context);
  if (trouble) return networkMissing(context, trouble);
  const pair = await makePod(context, claims);
  if (pair === objectChanged || pair === "there") return "done";
  const { created, withheld } = pair;
  made.add(keyOf(instance), created.metadata?.uid ?? "");
  events.podCreated(instance, created.metadata?.name ?? "");
  if (withheld !== undefined) events.annotationsWithheld(instance, withheld);
  await untilCached(cache.pods.store, created, signal);
  return "done";
};

/** A pod that was made, and what of the instance's annotations it was not given. */
interface Made {
  readonly created: KubeObject;
  readonly withheld: string | undefined;
}

/** Makes the pod; where one is there, the cache will show it. */
async function makePod(context: InstanceContext, claims: Claims): Promise<Made | "there" | typeof objectChanged> {
  const { client, settings, withWhole, signal } = context;
  const made = await withWhole(async (whole) => {
    if (exceeds(whole.spec, maxSpecBytes)) return "tooLarge";
    const desired = placeholderPod(withInstanceDefaults(whole), settings, claims);
    const created = await client.create(metadataOf(pods), desired, { signal }).catch(refusalOf);
    return created instanceof ApiError ? created : { created, withheld: withheldOf(whole) };
  });
  if (made === "tooLarge") return tooLarge(context);
  if (!(made instanceof ApiError)) return made;
  if (made.isAlreadyExists) {
    const present = await podInPlace(context);
    // It went away in between: the next attempt makes the pod.
    if (!present) throw made;
    if (isOfInstance(present, context.instance.metadata)) return "there";
  }
  return refused(context, made);
}

/** The API server's refusal of the pod; what else fails says nothing of the pod. */
function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

/**
 * Deletes a pod with the placeholder's name and owner that this controller does not recognise: another user's, or one
 * of a controller that ended before it recorded the pod. The end of the pod triggers another reconcile.
 */
async function removeForeignPod(
  { client, cache, instance, signal }: InstanceContext,
  foreignPod: Pod,
): Promise<"done"> {
  const { name = "", namespace = "", uid = "", deletionTimestamp } = foreignPod.metadata ?? {};
  if (deletionTimestamp !== undefined) return "done";
  // The watch of instances may lag behind that of pods: another controller may have recorded the pod by now.
  const now = await cache.wholeReader.read(
    instances,
    { name: instance.metadata.name ?? "", namespace },
    slimInstance,
    signal,
  );
  if (recordedPlaceholder(now.metadata) === uid || isHandedOver(now)) return "done";
  try {
    await client.delete(pods, { name, namespace }, { preconditions: { uid }, signal });
  } catch (error) {
    if (!(error instanceof ApiError) || !(error.isNotFound || error.isConflict)) throw error;
  }
  return "done";
}

/** The pod with the placeholder's name, as the API server has it; undefined when there is none. */
async function podInPlace({ client, instance, signal }: InstanceContext): Promise<Pod | undefined> {
  const { namespace = "" } = instance.metadata;
  const name = placeholderName(instance.metadata);
  return unlessGone(client.get(metadataOf(pods), { name, namespace }, { signal }));
}

/** Reports the missing claim that the pod needs. The watch of claims reports when it appears. */
async function claimMissing(context: InstanceContext, name: string): Promise<"done"> {
  const { instance, now } = context;
  const { claimNotFound } = conditionReasons;
  const message = `PersistentVolumeClaim ${instance.metadata.namespace}/${name} is not there`;
  const trouble = { type: "Synchronized", reason: claimNotFound, message } as const;
  await writeStatus(context, withTrouble(reached(instance, "Pending", undefined, now), trouble, now));
  return "done";
}

/** Reports the missing network that the pod needs, and checks again later: there is no watch of networks. */
async function networkMissing(context: InstanceContext, trouble: PodTrouble): Promise<Outcome> {
  const { instance, now } = context;
  await writeStatus(context, withTrouble(reached(instance, "Pending", undefined, now), trouble, now));
  return { after: lookAgain };
}

/** Reports that no node would accept the instance; its spec cannot change. */
async function tooLarge(context: InstanceContext): Promise<never> {
  const { instance, now, events } = context;
  const most = `${maxSpecBytes / 1024 / 1024}Mi`;
  const message = `spec: it takes more than ${most} of memory, the limit for an instance; put large data into a Secret or ConfigMap`;
  events.podNotCreated(instance, message);
  const trouble = { type: "Synchronized", reason: conditionReasons.podRefused, message } as const;
  await writeStatus(context, withTrouble(reached(instance, "Pending", undefined, now), trouble, now));
  throw new TerminalError(message);
}

/** Reports why there is no pod, and retries later: quotas and policies change. */
async function refused(context: InstanceContext, error: ApiError): Promise<never> {
  const { instance, now, events } = context;
  // A conflict, a timeout or a server error does not concern the author of an instance.
  if (error.code >= 500 || error.isConflict || error.code === 429) throw error;
  events.podNotCreated(instance, error.message);
  const trouble = { type: "Synchronized", reason: conditionReasons.podRefused, message: error.message } as const;
  await writeStatus(context, withTrouble(reached(instance, "Pending", undefined, now), trouble, now));
  if (error.isInvalid) throw new TerminalError("creating the placeholder pod", { cause: error });
  throw new Error("creating the placeholder pod", { cause: error });
}
