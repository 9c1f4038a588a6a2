import type { z } from "zod";
import { boolean, choice, integer, object, timeZone } from "./field.ts";
import { atMostOne } from "./rule.ts";

const present = boolean("Whether it is there; true when absent.").optional();

export const clock = object(
  {
    utc: object(
      { offsetSeconds: integer("Seconds that it is ahead.").optional() },
      "The clock starts in coordinated universal time.",
    ).optional(),
    timezone: timeZone("The clock starts in the time of this zone, such as Europe/Berlin.").optional(),
    timer: object(
      {
        hpet: object(
          {
            present,
            tickPolicy: choice(["delay", "catchup", "merge", "discard"], "What happens to missed ticks.").optional(),
          },
          "The high-precision event timer.",
        ).optional(),
        pit: object(
          { present, tickPolicy: choice(["delay", "catchup", "discard"], "What happens to missed ticks.").optional() },
          "The programmable interval timer.",
        ).optional(),
        rtc: object(
          {
            present,
            tickPolicy: choice(["delay", "catchup"], "What happens to missed ticks.").optional(),
            track: choice(["guest", "wall"], "Whose time it follows.").optional(),
          },
          "The real-time clock.",
        ).optional(),
        kvm: object({ present }, "KVM's clock.").optional(),
        hyperv: object({ present }, "Hyper-V's reference clock.").optional(),
      },
      "The timers.",
    ).optional(),
  },
  "The guest's clock and timers; UTC when nothing is said.",
  { constraints: [atMostOne("utc", "timezone")] },
);
export type Clock = z.infer<typeof clock>;
