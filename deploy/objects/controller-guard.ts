import { annotations, finalizers, labels, reservedAnnotations, reservedLabels } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { instances, kubevirts, machines } from "../../api/resources.ts";
import { controllerRevisions, revisionPrefix } from "../../api/revision.ts";
import { secretNames } from "../../controller/certificates/subjects.ts";
import { kubevirtName } from "../../controller/kubevirt/controller.ts";
import { changed, changedOf, type Expression, isAccount, list, type TextMap } from "./cel.ts";
import { controllerPods } from "./controller-pods.ts";
import { names } from "./names.ts";
import { type Manifest, namespace } from "./object.ts";
import { type Policy, policy, type Validation } from "./policy.ts";

/** A policy for the controller's requests. Those of other users cost only the comparison of a name. */
const guard = (rest: Omit<Policy, "when">): Manifest[] =>
  policy({ ...rest, when: [isAccount("is-the-controller", names.controller)] });

const both = [...changed("labels"), ...changed("annotations")];

/** Variables: the changed parts of an object among some, and the changed finalizers. */
const parts = (...paths: readonly string[]): Expression => ({ name: "partsChanged", expression: changedOf(paths) });
const finalizersChanged: Expression = {
  name: "finalizersChanged",
  expression: [
    "object.metadata.?finalizers.orValue([]).filter(f, !(f in oldObject.metadata.?finalizers.orValue([])))",
    "oldObject.metadata.?finalizers.orValue([]).filter(f, !(f in object.metadata.?finalizers.orValue([])))",
  ].join(" + "),
};

const refuse = (variable: string, path: string, allowed: readonly string[]): Validation => ({
  expression: `variables.${variable}.all(k, k in ${list(allowed)})`,
  messageExpression: `"${path}" + variables.${variable}.filter(k, !(k in ${list(allowed)})).join(", ") + ": the controller changes ${allowed.length === 0 ? "none" : `only ${allowed.join(", ")}`}"`,
});
const onlyThese = (map: TextMap, allowed: readonly string[] = []): Validation =>
  refuse(`${map}Changed`, `metadata.${map}: `, allowed);
const onlyFinalizer = (finalizer: string): Validation =>
  refuse("finalizersChanged", "metadata.finalizers: ", [finalizer]);
const noOtherPart = refuse("partsChanged", "", []);

/** A CEL expression: whether the machine of the same name controls an instance. */
const ofItsMachine = (instance: string): string =>
  `${instance}.metadata.?ownerReferences.orValue([]).exists(o, ${isMachine(instance)})`;

function isMachine(instance: string): string {
  return `o.?controller.orValue(false) && o.kind == "${machines.kind}" && o.apiVersion.startsWith("${group.name}/") && o.name == ${instance}.metadata.name`;
}

/** A CEL expression: whether a deleted object has an expiry. */
const expires = `"${annotations.expireAfter}" in oldObject.metadata.?annotations.orValue({})`;

/** Paths below a part of an instance's spec that have changed and are not changeable, or are new and not addable. */
function rewritten(path: string, changeable: readonly string[], addable: readonly string[]): string {
  const part = path.replaceAll(".", ".?");
  const [before, now] = [`oldObject${part}`, `object${part}`];
  return [
    `${before}.orValue({}).map(k, k).filter(k, !(k in ${list(changeable)}) && ${now}[?k] != ${before}[?k])`,
    `${now}.orValue({}).map(k, k).filter(k, !(k in ${list(addable)}) && !(k in ${before}.orValue({})))`,
  ]
    .map((keys) => `${keys}.map(k, "${path.slice(1)}." + k)`)
    .join(" + ");
}

/** The fields of an instance's spec to which the controller adds defaults (`api/spec-defaults.ts`). */
const writtenOut = ["memory", "resources", "firmware", "devices"];
const specRewritten = [
  rewritten(".spec", ["domain", "terminationGracePeriodSeconds"], ["networks"]),
  rewritten(".spec.domain", writtenOut, writtenOut),
  rewritten(".spec.domain.memory", [], ["guest"]),
  rewritten(".spec.domain.resources", ["requests"], ["requests"]),
  rewritten(".spec.domain.resources.requests", [], ["memory"]),
  rewritten(".spec.domain.firmware", [], ["uuid"]),
  rewritten(".spec.domain.devices", [], ["disks", "interfaces"]),
].join(" + ");

const instancesGuard: readonly Manifest[] = [
  ...guard({
    name: "controller-new-instances",
    of: { group: group.name, version: group.version, operations: ["CREATE"], resources: [instances.plural] },
    validations: [
      {
        expression: ofItsMachine("object"),
        message: `metadata.ownerReferences: the controller makes an instance only of the ${machines.kind} of its name`,
      },
      {
        expression: [
          `${list(reservedLabels)}.all(l, !(l in object.metadata.?labels.orValue({})))`,
          `${list(reservedAnnotations)}.all(a, !(a in object.metadata.?annotations.orValue({})))`,
        ].join(" && "),
        message: "metadata: an instance is made before it has a pod and a node",
      },
    ],
  }),
  ...guard({
    name: "controller-instances",
    of: { group: group.name, version: group.version, operations: ["UPDATE"], resources: [instances.plural] },
    variables: [
      ...both,
      finalizersChanged,
      { name: "specChanged", expression: specRewritten },
      {
        name: "ownersChanged",
        expression: [
          "object.metadata.?ownerReferences.orValue([]).filter(o, !(o in oldObject.metadata.?ownerReferences.orValue([])))",
          "oldObject.metadata.?ownerReferences.orValue([]).filter(o, !(o in object.metadata.?ownerReferences.orValue([])))",
        ].join(" + "),
      },
    ],
    validations: [
      onlyThese("labels", [labels.nodeName]),
      onlyThese("annotations", [annotations.placeholderUid]),
      {
        expression: `!("${labels.nodeName}" in variables.labelsBefore) || variables.labelsChanged == [] && variables.annotationsChanged.all(a, !(a in variables.annotationsBefore))`,
        message: "metadata: an instance that has been handed over stays on its node and with its pod",
      },
      onlyFinalizer(finalizers.instance),
      {
        expression: `variables.ownersChanged.all(o, ${isMachine("object")})`,
        message: `metadata.ownerReferences: an instance is taken over for the ${machines.kind} of its name only`,
      },
      {
        expression: "variables.specChanged.size() == 0",
        messageExpression:
          'variables.specChanged.join(", ") + ": of an instance\'s spec the controller changes only how long its guest may take to shut down"',
      },
    ],
  }),
  ...guard({
    name: "controller-instance-deletions",
    of: { group: group.name, version: group.version, operations: ["DELETE"], resources: [instances.plural] },
    validations: [
      {
        expression: `${ofItsMachine("oldObject")} || ${expires}`,
        message: `the controller deletes no instance but that of a ${machines.kind}, or one with an expiry`,
      },
    ],
  }),
];

/** The fields of a machine's spec that the controller changes when users of the aggregated API start or stop it. */
const strategies = ["runStrategy", "running"];

const machinesGuard: readonly Manifest[] = [
  ...guard({
    name: "controller-machines",
    of: { group: group.name, version: group.version, operations: ["UPDATE"], resources: [machines.plural] },
    variables: [
      ...both,
      finalizersChanged,
      parts("metadata.ownerReferences"),
      {
        name: "specChanged",
        expression: [
          "object.spec.map(f, f).filter(f, object.spec[?f] != oldObject.spec[?f])",
          "oldObject.spec.map(f, f).filter(f, !(f in object.spec))",
        ].join(" + "),
      },
    ],
    validations: [
      onlyThese("labels"),
      onlyThese("annotations"),
      onlyFinalizer(finalizers.machine),
      noOtherPart,
      refuse("specChanged", "spec: ", strategies),
    ],
  }),
  ...guard({
    name: "controller-machine-deletions",
    of: { group: group.name, version: group.version, operations: ["DELETE"], resources: [machines.plural] },
    validations: [
      { expression: expires, message: `the controller deletes no ${machines.kind} but one with an expiry` },
    ],
  }),
];

const nodesGuard = guard({
  name: "controller-nodes",
  of: { group: "", version: "v1", operations: ["UPDATE"], resources: ["nodes"] },
  variables: [...both, parts("spec", "metadata.finalizers", "metadata.ownerReferences")],
  validations: [
    onlyThese("labels", [labels.schedulable]),
    {
      expression: `variables.labelsChanged == [] || variables.labels[?"${labels.schedulable}"].orValue("") == "false"`,
      message: `metadata.labels: ${labels.schedulable}: the controller may only set this label to false`,
    },
    onlyThese("annotations", [annotations.unschedulableReason]),
    noOtherPart,
  ],
});

/** A CEL expression: whether a revision is the controller's, made for the machine that controls it. */
const ofRevision = (revision: string): string =>
  [
    // Other controllers, such as that of StatefulSets, recognise their revisions by labels.
    `${revision}.metadata.?labels.orValue({}).size() == 0`,
    `${revision}.metadata.?ownerReferences.orValue([]).exists(o, o.?controller.orValue(false) && o.kind == "${machines.kind}"`,
  ].join(" && ") +
  ` && o.apiVersion.startsWith("${group.name}/") && ${revision}.metadata.name.startsWith("${revisionPrefix}" + o.uid + "-"))`;

const revisionsGuard = guard({
  name: "controller-revisions",
  of: { group: "apps", version: "v1", operations: ["CREATE", "DELETE"], resources: [controllerRevisions.plural] },
  validations: [
    {
      expression: `request.operation == "CREATE" ? (${ofRevision("object")}) : (${ofRevision("oldObject")})`,
      message: `the controller keeps and removes only revisions of ${machines.kind}s, named after them`,
    },
  ],
});

const installationGuard = guard({
  name: "controller-installation",
  of: { group: group.name, version: group.version, operations: ["CREATE"], resources: [kubevirts.plural] },
  validations: [
    {
      expression: `request.namespace == "${namespace}" && object.metadata.name == "${kubevirtName}"`,
      message: `the controller makes one ${kubevirts.kind}, ${namespace}/${kubevirtName}`,
    },
  ],
});

const isOwnEvent = (event: string): string =>
  `${event}.?source.?component.orValue("") == "${names.controller}" && ${event}.?reportingComponent.orValue("") == "${names.controller}"`;

const eventsGuard = guard({
  name: "controller-events",
  of: { group: "", version: "v1", operations: ["CREATE", "UPDATE"], resources: ["events"] },
  validations: [
    {
      expression: `${isOwnEvent("object")} && (oldObject == null || ${isOwnEvent("oldObject")})`,
      message: `source.component, reportingComponent: the controller may write events only as ${names.controller}`,
    },
    {
      // Machines and instances, silent nodes, and the controller's own pod when KubeVirt is in the cluster.
      expression: [
        `object.involvedObject.?apiVersion.orValue("").startsWith("${group.name}/")`,
        'object.involvedObject.?kind.orValue("") == "Node"',
        `object.involvedObject.?kind.orValue("") == "Pod" && request.namespace == "${namespace}"`,
      ].join(" || "),
      messageExpression:
        '"involvedObject: " + object.involvedObject.?kind.orValue("") + ": the controller tells no events of it"',
    },
  ],
});

const apiServicesGuard = guard({
  name: "controller-api-services",
  of: { group: "apiregistration.k8s.io", version: "v1", operations: ["UPDATE"], resources: ["apiservices"] },
  variables: [
    ...both,
    parts("metadata.finalizers", "metadata.ownerReferences"),
    {
      name: "specChanged",
      expression: [
        "object.spec.map(f, f).filter(f, object.spec[?f] != oldObject.spec[?f])",
        "oldObject.spec.map(f, f).filter(f, !(f in object.spec))",
      ].join(" + "),
    },
  ],
  validations: [
    onlyThese("labels"),
    onlyThese("annotations"),
    noOtherPart,
    refuse("specChanged", "spec: ", ["caBundle"]),
  ],
});

const secretsGuard = guard({
  name: "controller-secrets",
  of: { group: "", version: "v1", operations: ["CREATE", "UPDATE"], resources: ["secrets"] },
  validations: [
    {
      // With another type it could be the token of any account of the namespace.
      expression: `object.metadata.name in ${list(Object.values(secretNames))} && object.?type.orValue("") == "kubernetes.io/tls"`,
      messageExpression:
        '"the controller writes no Secret " + object.metadata.name + " of type " + object.?type.orValue("")',
    },
  ],
});

/**
 * Makes the API server limit the controller's account to the controller's tasks, as far as a single request shows them.
 * It may write in all namespaces, so a token stolen on its node would allow nearly everything otherwise.
 */
export const controllerGuard: readonly Manifest[] = [
  ...controllerPods,
  ...instancesGuard,
  ...machinesGuard,
  ...nodesGuard,
  ...revisionsGuard,
  ...installationGuard,
  ...eventsGuard,
  ...apiServicesGuard,
  ...secretsGuard,
];
