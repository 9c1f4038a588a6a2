import { daemonSigner, daemonUserIn, nodeNameClaim } from "../../api/daemon-certificate.ts";
import { group } from "../../api/group.ts";
import { daemonNodeAnnotations, daemonNodeLabels, labels } from "../../api/labels.ts";
import { instances } from "../../api/resources.ts";
import { list } from "./cel.ts";
import { type Manifest, namespace, partOf } from "./object.ts";

const apiVersion = "admissionregistration.k8s.io/v1";

const daemonUser = daemonUserIn(namespace);

interface Variable {
  readonly name: string;
  readonly expression: string;
}

interface Validation {
  readonly expression: string;
  readonly messageExpression: string;
}

interface Guard {
  readonly name: string;
  readonly resource: { readonly group: string; readonly version: string; readonly name: string };
  readonly operations: readonly ("CREATE" | "UPDATE")[];
  readonly variables?: readonly Variable[];
  readonly validations: readonly Validation[];
}

/** Whose token it is: the API server reads it out of the token, in which the kubelet's request had it written. */
const claim: Variable = {
  name: "node",
  expression: `request.userInfo.?extra[?"${nodeNameClaim}"].orValue([]).join(",")`,
};

const isOfANode: Validation = {
  expression: 'variables.node != ""',
  messageExpression: `"the token of " + request.userInfo.username + " names no node (${nodeNameClaim}): only that of a node daemon's pod, or one that is bound to a Node, may write"`,
};

/** A policy for the requests of the daemons' account, and its binding. Others' requests cost the comparison of a name. */
function guard({ name, resource, operations, variables = [], validations }: Guard): Manifest[] {
  const metadata = { name: `${name}.${group.name}`, labels: partOf };
  const rule = {
    apiGroups: [resource.group],
    apiVersions: [resource.version],
    operations,
    resources: [resource.name],
  };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: { resourceRules: [rule] },
        matchConditions: [{ name: "is-a-node-daemon", expression: `request.userInfo.username == "${daemonUser}"` }],
        variables: [claim, ...variables],
        validations: [isOfANode, ...validations],
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: metadata.name, validationActions: ["Deny"] },
    },
  ];
}

/** The keys of a map of an object's metadata that are not as they were. */
const changed = (map: "labels" | "annotations"): readonly Variable[] => [
  { name: map, expression: `object.metadata.?${map}.orValue({})` },
  { name: `${map}Before`, expression: `oldObject.metadata.?${map}.orValue({})` },
  {
    name: `${map}Changed`,
    expression: [
      `variables.${map}.map(k, k).filter(k, variables.${map}[?k] != variables.${map}Before[?k])`,
      `variables.${map}Before.map(k, k).filter(k, !(k in variables.${map}))`,
    ].join(" + "),
  },
];

const onlyThese = (map: "labels" | "annotations", allowed: readonly string[]): Validation => ({
  expression: `variables.${map}Changed.all(k, k in ${list(allowed)})`,
  messageExpression: `"metadata.${map}: " + variables.${map}Changed.filter(k, !(k in ${list(allowed)})).join(", ") + ": a node daemon changes only ${allowed.join(", ")}"`,
});

/** What of a Node beside labels and annotations can be changed by who may patch it; its status cannot. */
const otherParts = ["spec", "metadata.finalizers", "metadata.ownerReferences"];
const isAsBefore = (path: string): string => {
  const optional = `.${path}`.replaceAll(".", ".?");
  return `object${optional} == oldObject${optional}`;
};

const ofThisNode = `variables.node != "" && object.metadata.?labels[?"${labels.nodeName}"].orValue("") == variables.node && oldObject.metadata.?labels[?"${labels.nodeName}"].orValue("") == variables.node`;

/**
 * Has the API server hold each node's daemon to its own node, by the node that its token names: with the token of one node,
 * stolen there, nobody drains another, or has a machine that runs elsewhere told to have failed and started a second
 * time. A token that names no node may write nothing. RBAC cannot say this: to it all daemons are one account.
 */
export const daemonGuard: readonly Manifest[] = [
  ...guard({
    name: "daemon-nodes",
    resource: { group: "", version: "v1", name: "nodes" },
    operations: ["UPDATE"],
    variables: [
      ...changed("labels"),
      ...changed("annotations"),
      {
        name: "otherChanged",
        expression: otherParts.map((path) => `(${isAsBefore(path)} ? [] : ["${path}"])`).join(" + "),
      },
    ],
    validations: [
      {
        expression: "object.metadata.name == variables.node",
        messageExpression: '"the node daemon of " + variables.node + " may not change node " + object.metadata.name',
      },
      onlyThese("labels", daemonNodeLabels),
      onlyThese("annotations", daemonNodeAnnotations),
      {
        expression: "variables.otherChanged.size() == 0",
        messageExpression: 'variables.otherChanged.join(", ") + ": a node daemon may not change this of a node"',
      },
    ],
  }),
  ...guard({
    name: "daemon-instances",
    // Of a status request the API server takes nothing but the status.
    resource: { group: group.name, version: group.version, name: `${instances.plural}/status` },
    operations: ["UPDATE"],
    validations: [
      {
        expression: ofThisNode,
        messageExpression: `"metadata.labels: ${labels.nodeName}: the node daemon of " + variables.node + " may not tell of an instance of " + oldObject.metadata.?labels[?"${labels.nodeName}"].orValue("no node")`,
      },
      {
        // By it the controller finds the daemon to dial.
        expression: "object.?status.?nodeName.orValue(variables.node) == variables.node",
        messageExpression:
          '"status.nodeName: " + object.status.nodeName + ": the node daemon of " + variables.node + " may name no other node"',
      },
    ],
  }),
  ...guard({
    name: "daemon-events",
    resource: { group: "", version: "v1", name: "events" },
    operations: ["CREATE", "UPDATE"],
    validations: [
      {
        expression: [
          'object.?source.?host.orValue("") == variables.node',
          'object.?reportingInstance.orValue("") == variables.node',
          '(oldObject == null || oldObject.?source.?host.orValue("") == variables.node)',
        ].join(" && "),
        messageExpression:
          '"source.host, reportingInstance: the node daemon of " + variables.node + " tells events as that node only"',
      },
      {
        // Whether the instance is of this node cannot be seen: a policy reads no other object.
        expression: `object.involvedObject.?kind.orValue("") == "${instances.kind}" && object.involvedObject.?apiVersion.orValue("").startsWith("${group.name}/")`,
        messageExpression: `"involvedObject: " + object.involvedObject.?kind.orValue("") + ": a node daemon tells events of ${instances.kind}s only"`,
      },
    ],
  }),
  ...guard({
    name: "daemon-certificates",
    // Its user and node the API server writes into it itself.
    resource: { group: "certificates.k8s.io", version: "v1", name: "certificatesigningrequests" },
    operations: ["CREATE"],
    validations: [
      {
        expression: `object.spec.signerName == "${daemonSigner}"`,
        messageExpression: `"spec.signerName: " + object.spec.signerName + ": a node daemon asks ${daemonSigner} only"`,
      },
    ],
  }),
];
