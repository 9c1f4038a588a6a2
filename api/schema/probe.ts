import type { z } from "zod";
import { choice, integer, list, object, portReference, text } from "./field.ts";
import { exactlyOne } from "./rule.ts";

const seconds = (description: string) => integer(description, { min: 0, max: 2 ** 31 - 1 }).optional();
const port = portReference("The port, by number or by name.");

const header = object({ name: text("Its name.", 253), value: text("Its value.", 4096) }, "A header to send.");

export const probe = (description: string) =>
  object(
    {
      httpGet: object(
        {
          port,
          path: text("The path; / when absent.", 4096).optional(),
          host: text("The host; the guest's address when absent.", 253).optional(),
          scheme: choice(["HTTP", "HTTPS"], "HTTP when absent.").optional(),
          httpHeaders: list(header, "Headers to send.").optional(),
        },
        "A page that answers.",
      ).optional(),
      tcpSocket: object(
        { port, host: text("The host; the guest's address when absent.", 253).optional() },
        "A port that takes connections.",
      ).optional(),
      exec: object(
        { command: list(text("A word.", 4096), "The program and its arguments.").optional() },
        "A program in the guest that ends well.",
      ).optional(),
      guestAgentPing: object({}, "A guest agent that answers.").optional(),
      initialDelaySeconds: seconds("How long after the start it begins."),
      timeoutSeconds: seconds("How long an answer may take."),
      periodSeconds: seconds("How often it is asked."),
      successThreshold: seconds("After how many answers it is well."),
      failureThreshold: seconds("After how many silences it is not."),
    },
    description,
    { constraints: [exactlyOne(["httpGet", "tcpSocket", "exec", "guestAgentPing"])] },
  );
export type Probe = z.infer<ReturnType<typeof probe>>;
