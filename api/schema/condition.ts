import type { z } from "zod";
import { choice, integer, report, text, time } from "./field.ts";

export const condition = report(
  {
    type: text("What it is about.", 128),
    status: choice(["True", "False", "Unknown"], "Whether it is so."),
    reason: text("Why, in one word.").optional(),
    message: text("Why, in a sentence.").optional(),
    lastProbeTime: time("When it was last looked at.").nullable().optional(),
    lastTransitionTime: time("When the status last changed.").nullable().optional(),
    observedGeneration: integer("The generation of the object that this is about.").optional(),
  },
  "Something that is or is not so.",
);
export type Condition = z.infer<typeof condition>;
