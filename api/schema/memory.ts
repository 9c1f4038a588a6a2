import type { z } from "zod";
import { compareQuantities, isQuantity, isWholeQuantity } from "../values/quantity.ts";
import {
  type Amount,
  type Bounds,
  celAtMost,
  celEqual,
  celWithin,
  guestMemory,
  outside,
  podCpu,
  podMemory,
  podStorage,
} from "./bounds.ts";
import { amounts, object, opaque, quantity } from "./field.ts";
import type { Constraint } from "./rule.ts";

/** Whether `a` is at most `b`; another rule refuses text that is no quantity. */
function fits(a: Amount | undefined, b: Amount | undefined): boolean {
  return !isQuantity(a) || !isQuantity(b) || compareQuantities(a, b) <= 0;
}

const guestIsPossible: Constraint<{ guest?: Amount | undefined }> = {
  cel: {
    rule: `!has(self.guest) || ${celWithin("self.guest", guestMemory)}`,
    message: guestMemory.message,
    fieldPath: ".guest",
  },
  breach: ({ guest }) => outside(guest, guestMemory),
};

export const memory = object(
  {
    guest: quantity("What the guest sees, 1M to 128Ti; what is requested when absent.").optional(),
    hugepages: opaque.object("The pages that hold it.").optional(),
    maxGuest: opaque.text("Up to how much can be plugged in.").optional(),
    reservedOverhead: opaque.object("What is reserved beside the guest's memory.").optional(),
  },
  "The guest's memory.",
  { constraints: [guestIsPossible] },
);
export type Memory = z.infer<typeof memory>;

interface RequestsAndLimits {
  requests?: Readonly<Record<string, Amount>> | undefined;
  limits?: Readonly<Record<string, Amount>> | undefined;
}

/** A resource's request must not exceed its limit. The pod would be refused too, but too late for the author. */
function requestFits(resource: string): Constraint<RequestsAndLimits> {
  const message = `no more ${resource} can be requested than the limit allows`;
  const both = `has(self.requests) && has(self.limits) && '${resource}' in self.requests && '${resource}' in self.limits`;
  return {
    cel: {
      rule: `!(${both}) || ${celAtMost(`self.requests['${resource}']`, `self.limits['${resource}']`)}`,
      message,
      fieldPath: ".requests",
    },
    breach: ({ requests, limits }) => (fits(requests?.[resource], limits?.[resource]) ? undefined : message),
  };
}

type Sort = "requests" | "limits";

/** Whether Kubernetes counts a resource in whole units, such as the devices of a plugin (an "extended resource"). */
function isCounted(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/");
}

/** `isCounted` in CEL. */
const celIsCounted = "name.contains('/') && !name.contains('kubernetes.io/')";

const limitInCel = "quantity(string(self.limits[name])).asApproximateFloat()";
const notWhole = "a resource with a / in its name has whole amounts";

/** The limit of a counted resource must be a whole number. The pod would be refused too, but later. */
const limitIsWhole: Constraint<RequestsAndLimits> = {
  cel: {
    // CEL's isInteger refuses 2000m, which Kubernetes accepts.
    rule: `!has(self.limits) || self.limits.all(name, !(${celIsCounted}) || ${limitInCel} == double(int(${limitInCel})))`,
    message: notWhole,
    fieldPath: ".limits",
  },
  breach: ({ limits = {} }) =>
    Object.entries(limits).every(([name, amount]) => !isCounted(name) || !isQuantity(amount) || isWholeQuantity(amount))
      ? undefined
      : notWhole,
};

const needsLimit = "a resource with a / in its name needs a limit that is the same as the request";

/** Kubernetes takes the request of a counted resource only beside a limit of the same amount. */
const countedHasLimit: Constraint<RequestsAndLimits> = {
  cel: {
    rule: `!has(self.requests) || self.requests.all(name, !(${celIsCounted}) || (has(self.limits) && name in self.limits && ${celEqual("self.requests[name]", "self.limits[name]")}))`,
    message: needsLimit,
    fieldPath: ".requests",
  },
  breach: ({ requests = {}, limits = {} }) =>
    Object.entries(requests).every(([name, amount]) => {
      const limit = limits[name];
      return !isCounted(name) || (limit !== undefined && fits(amount, limit) && fits(limit, amount));
    })
      ? undefined
      : needsLimit,
};

/** CEL for: `resources` contain an amount of a resource. */
const celHas = (resources: string, sort: Sort, resource: string) =>
  `has(${resources}.${sort}) && '${resource}' in ${resources}.${sort}`;

/** The amount of a resource must be within the bounds for machines. */
function isPossible(sort: Sort, resource: string, bounds: Bounds): Constraint<RequestsAndLimits> {
  return {
    cel: {
      rule: `!(${celHas("self", sort, resource)}) || ${celWithin(`self.${sort}['${resource}']`, bounds)}`,
      message: bounds.message,
      fieldPath: `.${sort}.${resource}`,
    },
    breach: ({ [sort]: given }) => outside(given?.[resource], bounds),
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
  {
    constraints: [
      isPossible("requests", "memory", podMemory),
      isPossible("requests", "cpu", podCpu),
      isPossible("requests", "ephemeral-storage", podStorage),
      isPossible("limits", "memory", podMemory),
      isPossible("limits", "cpu", podCpu),
      isPossible("limits", "ephemeral-storage", podStorage),
      requestFits("memory"),
      requestFits("cpu"),
      requestFits("ephemeral-storage"),
      limitIsWhole,
      countedHasLimit,
    ],
  },
);
export type Resources = z.infer<typeof resources>;

interface MemoryAndResources {
  memory?: Memory | undefined;
  resources?: Resources | undefined;
}

const requested = `has(self.resources) && ${celHas("self.resources", "requests", "memory")}`;
const limited = `has(self.resources) && ${celHas("self.resources", "limits", "memory")}`;
const guestGiven = "has(self.memory) && has(self.memory.guest)";

/** A machine needs an amount of memory. */
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

/** The kernel would kill a guest that is larger than its limit as soon as the guest used its memory. */
export const guestFitsLimit: Constraint<MemoryAndResources> = {
  cel: {
    rule: `!(${guestGiven} && ${limited}) || ${celAtMost("self.memory.guest", "self.resources.limits['memory']")}`,
    message: "the guest's memory can be no more than resources.limits.memory",
    fieldPath: ".memory",
  },
  breach: ({ memory: { guest } = {}, resources: { limits } = {} }) =>
    fits(guest, limits?.memory) ? undefined : "the guest's memory can be no more than resources.limits.memory",
};

/** Without `memory.guest`, the request, or else the limit, is the guest's memory, and must be within its bounds. */
export const standInIsPossible: readonly Constraint<MemoryAndResources>[] = [
  {
    cel: {
      rule: `${guestGiven} || !(${requested}) || ${celWithin("self.resources.requests['memory']", guestMemory)}`,
      message: guestMemory.message,
      fieldPath: ".resources.requests.memory",
    },
    breach: ({ memory: { guest } = {}, resources: { requests } = {} }) =>
      guest === undefined ? outside(requests?.memory, guestMemory) : undefined,
  },
  {
    cel: {
      rule: `${guestGiven} || ${requested} || !(${limited}) || ${celWithin("self.resources.limits['memory']", guestMemory)}`,
      message: guestMemory.message,
      fieldPath: ".resources.limits.memory",
    },
    breach: ({ memory: { guest } = {}, resources: { requests, limits } = {} }) =>
      (guest ?? requests?.memory) === undefined ? outside(limits?.memory, guestMemory) : undefined,
  },
];
