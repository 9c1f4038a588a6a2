import { annotations, labels } from "../../api/contract/labels.ts";
import type { ObjectMeta } from "../../api/kube/resources/object.ts";
import { entriesOf, given } from "./fields.ts";

const ownLabels = [labels.nodeName, labels.machineName] as const;
const ownAnnotations = [annotations.templateDigest, annotations.placeholderUid, annotations.machineGeneration] as const;

/** Metadata with only those labels and annotations by which the controller recognises its own objects. */
export interface SlimMetadata
  extends Pick<
    ObjectMeta,
    | "name"
    | "namespace"
    | "uid"
    | "resourceVersion"
    | "generation"
    | "creationTimestamp"
    | "deletionTimestamp"
    | "finalizers"
    | "ownerReferences"
  > {
  labels?: { [Name in (typeof ownLabels)[number]]?: string };
  annotations?: { [Name in (typeof ownAnnotations)[number]]?: string };
}

/** The part of an object's metadata that reconcilers need. */
export function slimMetadata(metadata: ObjectMeta): SlimMetadata {
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  const { creationTimestamp, deletionTimestamp, finalizers, ownerReferences } = metadata;
  return given<SlimMetadata>({
    name,
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    finalizers,
    ownerReferences,
    labels: entriesOf(metadata.labels, ownLabels),
    annotations: entriesOf(metadata.annotations, ownAnnotations),
  });
}
