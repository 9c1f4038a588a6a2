import { holdContainer, machineContainer } from "../../api/contract/constants.ts";
import { annotations, labels, placeholderApp } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { networkAnnotations } from "../../controller/vmi/multus.ts";
import { isAccount, list } from "./cel.ts";
import { names } from "./names.ts";
import { images, type Manifest, namespace, partOf } from "./object.ts";
import { instancesOf, placeholderTroubles, requestedContainers } from "./placeholder-shape.ts";
import { policy } from "./policy.ts";

const when = [isAccount("is-the-controller", names.controller)];
const ofPods = { group: "", version: "v1", resources: ["pods"] };

/**
 * Records the containers that the controller requests, before webhooks add others, such as those of service meshes. The
 * policies do not apply to the added ones. MutatingAdmissionPolicies run before webhooks.
 */
function containersNoted(): Manifest[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: `controller-pods.${group.name}`, labels: partOf };
  const { group: apiGroup, version, resources } = ofPods;
  const asked = '(object.spec.containers + object.spec.?initContainers.orValue([])).map(c, c.name).join(",")';
  const key = annotations.requestedContainers;
  const one = `JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("${key}"), value: ${asked}}`;
  const first = `JSONPatch{op: "add", path: "/metadata/annotations", value: {"${key}": ${asked}}}`;
  return [
    {
      apiVersion,
      kind: "MutatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        matchConstraints: {
          resourceRules: [{ apiGroups: [apiGroup], apiVersions: [version], operations: ["CREATE"], resources }],
        },
        matchConditions: when,
        mutations: [
          {
            patchType: "JSONPatch",
            jsonPatch: { expression: `[has(object.metadata.annotations) ? ${one} : ${first}]` },
          },
        ],
      },
    },
    { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata, spec: { policyName: metadata.name } },
  ];
}

/** The value of an environment variable of the controller in its Deployment, or its default if it is not set there. */
function setting(name: string, otherwise: string): string {
  const environment = `params.spec.template.spec.containers.filter(c, c.name == "${names.controller}").map(c, c.?env.orValue([]))`;
  const found = `${environment}.map(all, all.filter(e, e.name == "${name}").map(e, e.?value.orValue(""))).filter(all, all.size() > 0)`;
  return `${found} == [] ? "${otherwise}" : ${found}[0][0]`;
}

/** A list of networks in exactly the form that the controller writes. Every parser reads this form in the same way. */
const network = '\\{"name":"[^"\\\\]*","namespace":"[^"\\\\]*","interface":"[^"\\\\]*"(,"mac":"[0-9a-f:]*")?\\}';
const networks = `r'^\\[${network}(,${network})*\\]$'`;
const ofOwnImage = list([machineContainer, holdContainer]);

/**
 * Makes the API server limit the controller's account to making placeholder pods, and deleting pods in their place. So
 * a token stolen on its node cannot run other programs on other nodes, nor become root there.
 */
export const controllerPods: readonly Manifest[] = [
  ...containersNoted(),
  ...policy({
    name: "controller-pods",
    of: { ...ofPods, operations: ["CREATE"] },
    when,
    variables: placeholderTroubles,
    validations: [{ expression: "variables.troubles.size() == 0", messageExpression: 'variables.troubles.join("; ")' }],
  }),
  ...policy({
    name: "controller-settings",
    of: { ...ofPods, operations: ["CREATE"] },
    having: { [labels.app]: placeholderApp },
    params: { apiVersion: "apps/v1", kind: "Deployment", namespace, name: names.controller },
    when,
    variables: [
      ...requestedContainers,
      { name: "image", expression: setting("HOLD_IMAGE", images.hold) },
      {
        name: "otherImages",
        expression: `variables.all.filter(c, c.name in ${ofOwnImage} && c.image != variables.image)`,
      },
      { name: "namespaces", expression: `(${setting("GLOBAL_NETWORKS", "default")}).split(",") + [request.namespace]` },
      {
        name: "instead",
        expression: `object.metadata.?annotations[?"${networkAnnotations.instead}"].orValue(request.namespace + "/")`,
      },
      {
        name: "more",
        expression: `object.metadata.?annotations[?"${networkAnnotations.more}"].orValue("")`,
      },
    ],
    validations: [
      {
        expression: "variables.otherImages.size() == 0",
        messageExpression: `"spec.containers: " + variables.otherImages.map(c, c.name + ": " + c.image).join(", ") + ": that is not the HOLD_IMAGE of Deployment ${namespace}/${names.controller}, " + variables.image`,
      },
      {
        expression: [
          'variables.instead.split("/").size() == 2 && variables.instead.split("/")[0] in variables.namespaces',
          `&& (variables.more == "" || variables.more.matches(${networks})`,
          `&& variables.more.findAll(r'"namespace":"[^"]*"').all(n, n.split("\\"")[3] in variables.namespaces))`,
        ].join(" "),
        messageExpression:
          '"metadata.annotations: " + variables.instead + " " + variables.more + ": a placeholder has networks of namespaces " + variables.namespaces.join(", ")',
      },
    ],
  }),
  ...policy({
    name: "controller-pod-deletions",
    of: { ...ofPods, operations: ["DELETE"] },
    when,
    variables: [{ name: "instances", expression: instancesOf("oldObject") }],
    validations: [
      {
        expression: "variables.instances.size() == 1",
        messageExpression:
          '"the controller deletes placeholder pods, and what stands in their place: " + oldObject.metadata.name + " is neither"',
      },
    ],
  }),
];
