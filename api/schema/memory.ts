import type { z } from "zod";
import { compareQuantities, isQuantity, wholeUnits } from "../quantity.ts";
import { amounts, object, opaque, quantity } from "./field.ts";
import type { Constraint } from "./rule.ts";

type Amount = string | number;

/** `a <= b` in CEL, of two amounts that may be numbers. */
const atMost = (a: string, b: string) => `quantity(string(${a})).compareTo(quantity(string(${b}))) <= 0`;

/** Whether `a` is at most `b`; what is no quantity is another rule's business. */
function fits(a: Amount | undefined, b: Amount | undefined): boolean {
  return !isQuantity(a) || !isQuantity(b) || compareQuantities(a, b) <= 0;
}

const guestIsPositive: Constraint<{ guest?: Amount | undefined }> = {
  cel: {
    rule: "!has(self.guest) || quantity(string(self.guest)).isGreaterThan(quantity('0'))",
    message: "a guest needs some memory",
    fieldPath: ".guest",
  },
  breach: ({ guest }) => (isQuantity(guest) && wholeUnits(guest) === 0n ? "a guest needs some memory" : undefined),
};

export const memory = object(
  {
    guest: quantity("What the guest sees; what is requested when absent.").optional(),
    hugepages: opaque.object("The pages that hold it.").optional(),
    maxGuest: opaque.text("Up to how much can be plugged in.").optional(),
    reservedOverhead: opaque.object("What is reserved beside the guest's memory.").optional(),
  },
  "The guest's memory.",
  { constraints: [guestIsPositive] },
);
export type Memory = z.infer<typeof memory>;

interface RequestsAndLimits {
  requests?: Readonly<Record<string, Amount>> | undefined;
  limits?: Readonly<Record<string, Amount>> | undefined;
}

/** What is requested of a resource is at most its limit; a pod is refused otherwise, but too late to tell its author. */
function requestFits(resource: string): Constraint<RequestsAndLimits> {
  const message = `no more ${resource} can be requested than the limit allows`;
  const both = `has(self.requests) && has(self.limits) && '${resource}' in self.requests && '${resource}' in self.limits`;
  return {
    cel: {
      rule: `!(${both}) || ${atMost(`self.requests['${resource}']`, `self.limits['${resource}']`)}`,
      message,
      fieldPath: ".requests",
    },
    breach: ({ requests, limits }) => (fits(requests?.[resource], limits?.[resource]) ? undefined : message),
  };
}

export const resources = object(
  {
    requests: amounts("What the scheduler sets aside, beside what the machine itself needs.").optional(),
    limits: amounts("What the machine can take at most.").optional(),
    overcommitGuestOverhead: opaque
      .boolean("Whether the memory that the machine itself needs is not requested.")
      .optional(),
  },
  "What the machine requests of its node and is limited to.",
  { constraints: [requestFits("memory"), requestFits("cpu")] },
);
export type Resources = z.infer<typeof resources>;

interface MemoryAndResources {
  memory?: Memory | undefined;
  resources?: Resources | undefined;
}

const requested = "has(self.resources) && has(self.resources.requests) && 'memory' in self.resources.requests";
const limited = "has(self.resources) && has(self.resources.limits) && 'memory' in self.resources.limits";
const guestGiven = "has(self.memory) && has(self.memory.guest)";

/** Without an amount of memory no machine can be made. */
export const memoryIsGiven: Constraint<MemoryAndResources> = {
  cel: {
    rule: `${guestGiven} || ${requested} || ${limited}`,
    message: "the guest's memory is needed, as memory.guest or resources.requests.memory",
    reason: "FieldValueRequired",
    fieldPath: ".memory",
  },
  breach: ({ memory: { guest } = {}, resources: { requests, limits } = {} }) =>
    (guest ?? requests?.memory ?? limits?.memory) === undefined
      ? "the guest's memory is needed, as memory.guest or resources.requests.memory"
      : undefined,
};

/** A guest larger than its limit would be killed as soon as it used its memory. */
export const guestFitsLimit: Constraint<MemoryAndResources> = {
  cel: {
    rule: `!(${guestGiven} && ${limited}) || ${atMost("self.memory.guest", "self.resources.limits['memory']")}`,
    message: "the guest's memory can be no more than resources.limits.memory",
    fieldPath: ".memory",
  },
  breach: ({ memory: { guest } = {}, resources: { limits } = {} }) =>
    fits(guest, limits?.memory) ? undefined : "the guest's memory can be no more than resources.limits.memory",
};
