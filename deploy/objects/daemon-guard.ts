import { daemonSigner, nodeNameClaim } from "../../api/contract/daemon-certificate.ts";
import { daemonNodeAnnotations, daemonNodeLabels, labels } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { instances } from "../../api/resources.ts";
import { changed, changedOf, type Expression, isAccount, list, type TextMap } from "./cel.ts";
import { names } from "./names.ts";
import type { Manifest } from "./object.ts";
import { type Policy, policy, type Validation } from "./policy.ts";

/** The node in the token of the request's user; the kubelet's request for the token put it there. */
const claim: Expression = {
  name: "node",
  expression: `request.userInfo.?extra[?"${nodeNameClaim}"].orValue([]).join(",")`,
};

const isOfANode: Validation = {
  expression: 'variables.node != ""',
  messageExpression: `"the token of " + request.userInfo.username + " names no node (${nodeNameClaim}): only that of a node daemon's pod, or one that is bound to a Node, may write"`,
};

/** A policy for the daemons' requests. Those of other users cost only the comparison of a name. */
const guard = ({ variables = [], validations, ...rest }: Omit<Policy, "when">): Manifest[] =>
  policy({
    ...rest,
    when: [isAccount("is-a-node-daemon", names.daemon)],
    variables: [claim, ...variables],
    validations: [isOfANode, ...validations],
  });

const onlyThese = (map: TextMap, allowed: readonly string[]): Validation => ({
  expression: `variables.${map}Changed.all(k, k in ${list(allowed)})`,
  messageExpression: `"metadata.${map}: " + variables.${map}Changed.filter(k, !(k in ${list(allowed)})).join(", ") + ": a node daemon changes only ${allowed.join(", ")}"`,
});

/** The other parts of a Node that the right to patch it covers; its status is not among them. */
const otherParts = ["spec", "metadata.finalizers", "metadata.ownerReferences"];

const ofThisNode = `variables.node != "" && object.metadata.?labels[?"${labels.nodeName}"].orValue("") == variables.node && oldObject.metadata.?labels[?"${labels.nodeName}"].orValue("") == variables.node`;

/**
 * Makes the API server limit each node's daemon to its own node, which its token names. So a token stolen on one node
 * cannot drain another node, nor report a machine there as failed, which would start it a second time. A token without
 * a node may write nothing. RBAC cannot express this: for RBAC all daemons are one account.
 */
export const daemonGuard: readonly Manifest[] = [
  ...guard({
    name: "daemon-nodes",
    of: { group: "", version: "v1", operations: ["UPDATE"], resources: ["nodes"] },
    variables: [
      ...changed("labels"),
      ...changed("annotations"),
      { name: "otherChanged", expression: changedOf(otherParts) },
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
    // From a status request the API server takes only the status.
    of: {
      group: group.name,
      version: group.version,
      operations: ["UPDATE"],
      resources: [`${instances.plural}/status`],
    },
    validations: [
      {
        expression: ofThisNode,
        messageExpression: `"metadata.labels: ${labels.nodeName}: the node daemon of " + variables.node + " may not write the status of an instance of " + oldObject.metadata.?labels[?"${labels.nodeName}"].orValue("no node")`,
      },
      {
        // The controller dials the daemon of this node.
        expression: "object.?status.?nodeName.orValue(variables.node) == variables.node",
        messageExpression:
          '"status.nodeName: " + object.status.nodeName + ": the node daemon of " + variables.node + " may name no other node"',
      },
    ],
  }),
  ...guard({
    name: "daemon-events",
    of: { group: "", version: "v1", operations: ["CREATE", "UPDATE"], resources: ["events"] },
    validations: [
      {
        expression: [
          'object.?source.?host.orValue("") == variables.node',
          'object.?reportingInstance.orValue("") == variables.node',
          '(oldObject == null || oldObject.?source.?host.orValue("") == variables.node)',
        ].join(" && "),
        messageExpression:
          '"source.host, reportingInstance: the node daemon of " + variables.node + " may write events only as that node"',
      },
      {
        // The policy cannot check that the instance is on this node: it reads no other object.
        expression: `object.involvedObject.?kind.orValue("") == "${instances.kind}" && object.involvedObject.?apiVersion.orValue("").startsWith("${group.name}/")`,
        messageExpression: `"involvedObject: " + object.involvedObject.?kind.orValue("") + ": a node daemon tells events of ${instances.kind}s only"`,
      },
    ],
  }),
  ...guard({
    name: "daemon-certificates",
    // The API server itself writes the user and the node into it.
    of: {
      group: "certificates.k8s.io",
      version: "v1",
      operations: ["CREATE"],
      resources: ["certificatesigningrequests"],
    },
    validations: [
      {
        expression: `object.spec.signerName == "${daemonSigner}"`,
        messageExpression: `"spec.signerName: " + object.spec.signerName + ": a node daemon asks ${daemonSigner} only"`,
      },
    ],
  }),
];
