import { z } from "zod";
import { group } from "../group.ts";
import { condition } from "./condition.ts";
import { choice, integer, listBy, object, text } from "./field.ts";
import { objectMeta } from "./metadata.ts";

/** The configuration of a cluster's virtual machines; there is one such object. */
export const kubevirt = object(
  {
    apiVersion: z.literal(group.apiVersion),
    kind: z.literal("KubeVirt"),
    metadata: objectMeta,
    spec: z
      .looseObject({ configuration: z.looseObject({}).describe("Settings.").optional() })
      .describe("What is asked for.")
      .optional(),
    // Clients write other fields to it too.
    status: z
      .looseObject({
        phase: choice(["Deploying", "Deployed", "Deleting", "Deleted"], "The phase.").optional(),
        conditions: listBy("type", condition, "The conditions.").optional(),
        observedKubeVirtVersion: text("The version of the API that is served.").optional(),
        targetKubeVirtVersion: text("The version of the API that is asked for.").optional(),
        operatorVersion: text("The version of the add-on.").optional(),
        observedGeneration: integer("The generation that this is about.").optional(),
      })
      .describe("The status.")
      .optional(),
  },
  "The configuration of the cluster's virtual machines.",
);
export type KubeVirt = z.infer<typeof kubevirt>;
