import { z } from "zod";
import { unsupportedAnnotations } from "../contract/labels.ts";
import { map, object, text, time } from "./field.ts";
import type { Constraint } from "./rule.ts";

/** The metadata of an object with the fields that our programs read or write; other fields survive a round trip. */
export const objectMeta = z.looseObject({
  name: z.string().optional(),
  generateName: z.string().optional(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().nullable().optional(),
  deletionTimestamp: z.string().optional(),
  deletionGracePeriodSeconds: z.number().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z
    .array(
      z.looseObject({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().optional(),
        blockOwnerDeletion: z.boolean().optional(),
      }),
    )
    .optional(),
});
export type ObjectMeta = z.infer<typeof objectMeta>;

/**
 * The longest name of a machine or an instance. libvirt uses it in file names `NAMESPACE_NAME.xml.new`. A file name has
 * 255 bytes at most and a namespace's name 63, which leaves 183.
 */
export const longestName = 183;

/** The metadata of a machine or an instance. */
export const machineMeta = objectMeta.extend({ name: text("The machine's name.", longestName).optional() });

/** The metadata in a template. Labels and annotations go to the instance; clients may write the other fields. */
export const templateMeta = object(
  {
    labels: map("Labels of the instance and its placeholder pod.").optional(),
    annotations: z
      .record(z.string(), z.string())
      .meta({ description: "Annotations of the instance.", maxProperties: 256 })
      .optional(),
    name: text("Not used: the instance has the machine's name.", 253).optional(),
    generateName: text("Not used.", 253).optional(),
    namespace: text("Not used: the instance is in the machine's namespace.", 63).optional(),
    creationTimestamp: time("Not used; some clients write null.").nullable().optional(),
  },
  "Labels and annotations of the instance.",
  { constraints: unsupportedAnnotations.map(withoutAnnotation) },
);

function withoutAnnotation(name: string): Constraint<{ annotations?: Record<string, string> | undefined }> {
  const message = `${name} is not supported`;
  return {
    cel: { rule: `!has(self.annotations) || !("${name}" in self.annotations)`, message, fieldPath: ".annotations" },
    breach: ({ annotations = {} }) => (Object.hasOwn(annotations, name) ? message : undefined),
  };
}
