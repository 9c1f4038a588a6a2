import type { z } from "zod";
import { choice, integer, list, map, object, text } from "./field.ts";

const few = 16;
const value = text("A value.", 253);
const labelKey = (description: string) => text(description, 317);

const labelSelector = (description: string) =>
  object(
    {
      matchLabels: map("Labels and the values that they have.").optional(),
      matchExpressions: list(
        object(
          {
            key: labelKey("The label."),
            operator: choice(["In", "NotIn", "Exists", "DoesNotExist"], "What is asked of it."),
            values: list(value, "The values.").optional(),
          },
          "A demand on a label.",
        ),
        "Demands, all of which are met.",
        few,
      ).optional(),
    },
    description,
  );

const nodeDemand = object(
  {
    key: labelKey("The label or field."),
    operator: choice(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], "What is asked of it."),
    values: list(value, "The values.").optional(),
  },
  "A demand on a node.",
);

const nodeTerm = object(
  {
    matchExpressions: list(nodeDemand, "Demands on its labels.", few).optional(),
    matchFields: list(nodeDemand, "Demands on its fields.", few).optional(),
  },
  "Demands on a node, all of which are met.",
);

const weight = integer("How much it counts, 1 to 100.", { min: 1, max: 100 });

const podTerm = object(
  {
    topologyKey: labelKey("The node label that says what is near."),
    labelSelector: labelSelector("The pods.").optional(),
    namespaceSelector: labelSelector("The namespaces of the pods.").optional(),
    namespaces: list(text("A namespace.", 63), "The namespaces of the pods, by name.").optional(),
    matchLabelKeys: list(labelKey("A label."), "Labels in which the pods agree with this one.", few).optional(),
    mismatchLabelKeys: list(labelKey("A label."), "Labels in which the pods differ from this one.", few).optional(),
  },
  "Pods to be near to or far from.",
);

const podAffinity = (description: string) =>
  object(
    {
      requiredDuringSchedulingIgnoredDuringExecution: list(podTerm, "What must be met.", few).optional(),
      preferredDuringSchedulingIgnoredDuringExecution: list(
        object({ weight, podAffinityTerm: podTerm }, "A wish."),
        "What is wished for.",
        few,
      ).optional(),
    },
    description,
  );

const affinity = object(
  {
    nodeAffinity: object(
      {
        requiredDuringSchedulingIgnoredDuringExecution: object(
          { nodeSelectorTerms: list(nodeTerm, "Terms, one of which is met.", few) },
          "What must be met.",
        ).optional(),
        preferredDuringSchedulingIgnoredDuringExecution: list(
          object({ weight, preference: nodeTerm }, "A wish."),
          "What is wished for.",
          few,
        ).optional(),
      },
      "By the node.",
    ).optional(),
    podAffinity: podAffinity("Near to pods.").optional(),
    podAntiAffinity: podAffinity("Far from pods.").optional(),
  },
  "Where it is drawn to, as for a pod.",
);

const toleration = object(
  {
    key: labelKey("The taint; all when absent.").optional(),
    operator: choice(["Exists", "Equal", "Lt", "Gt"], "Equal when absent.").optional(),
    value: text("The taint's value.", 253).optional(),
    effect: choice(["NoSchedule", "PreferNoSchedule", "NoExecute"], "The taint's effect; all when absent.").optional(),
    tolerationSeconds: integer("For how long; for ever when absent.").optional(),
  },
  "A taint that is tolerated.",
);

const policy = (description: string) => choice(["Honor", "Ignore"], description).optional();

const spread = object(
  {
    maxSkew: integer("The largest difference.", { min: 1 }),
    topologyKey: labelKey("The node label whose values are the places."),
    whenUnsatisfiable: choice(["DoNotSchedule", "ScheduleAnyway"], "What happens where it cannot be."),
    labelSelector: labelSelector("The pods that count.").optional(),
    minDomains: integer("How many places there must be.", { min: 1 }).optional(),
    nodeAffinityPolicy: policy("Whether nodes that the affinity rules out count."),
    nodeTaintsPolicy: policy("Whether tainted nodes count."),
    matchLabelKeys: list(labelKey("A label."), "Labels in which the pods agree with this one.", few).optional(),
  },
  "How evenly machines are spread.",
);

/** Fields for the scheduling of the placeholder pod; all are Kubernetes' own and are copied to the pod. */
export const scheduling = {
  nodeSelector: map("Labels that the node must have.").optional(),
  affinity: affinity.optional(),
  tolerations: list(toleration, "Taints that are tolerated.").optional(),
  topologySpreadConstraints: list(spread, "How evenly machines are spread.", few).optional(),
  schedulerName: text("The scheduler that places it.", 253).optional(),
  priorityClassName: text("The PriorityClass that it has.", 253).optional(),
} as const;

/** The name resolution of the placeholder pod, and so of a guest on the pod network. */
export const naming = {
  hostname: text("The guest's host name; what the instance's name has before its first dot when absent.", 63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .optional(),
  subdomain: text("The subdomain of the namespace's Services that its name is in; DHCP offers it first to search.", 63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .optional(),
  dnsPolicy: choice(
    ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
    "Whose name servers it asks, as for a pod.",
  ).optional(),
  dnsConfig: object(
    {
      nameservers: list(text("An address.", 64), "Name servers.").optional(),
      searches: list(text("A domain.", 253), "Domains that are searched.").optional(),
      options: list(
        object(
          { name: text("Its name.", 63), value: text("Its value.", 253).optional() },
          "An option of the resolver.",
        ),
        "Options of the resolver.",
      ).optional(),
    },
    "Name servers and domains of its own, as for a pod.",
  ).optional(),
} as const;

export type Affinity = z.infer<typeof affinity>;
