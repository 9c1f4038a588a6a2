import { dirname } from "node:path/posix";
import {
  copiedHoldProgram,
  holdContainer,
  holdProgram,
  machineContainer,
  podDevicesFolder,
} from "../../api/contract/constants.ts";
import { annotations, labels, placeholderApp } from "../../api/contract/labels.ts";
import { placeholderNameLength, placeholderPrefix } from "../../api/contract/placeholder.ts";
import { diskContainer, kernelContainer } from "../../api/contract/placeholder-images.ts";
import { celWhyWithheld } from "../../api/contract/withheld-annotations.ts";
import { group } from "../../api/group.ts";
import { instances } from "../../api/resources.ts";
import { networkAnnotations } from "../../controller/vmi/multus.ts";
import { type Expression, list } from "./cel.ts";
import { namespace } from "./object.ts";

/*
 * The form of the pods that the controller makes (`controller/vmi/placeholder-pod.ts`), as rules for the API server. A
 * policy cannot see whether the instance exists, nor its spec.
 */

/** Namespaces without machines: control over their accounts and Secrets is control over the cluster. */
const withoutMachines = ["kube-system", "kube-public", "kube-node-lease", namespace];

/** Fields of a pod's spec that the controller never sets. */
const neverSet = ["hostNetwork", "hostPID", "hostIPC", "nodeName", "ephemeralContainers", "resourceClaims"];

/** The kinds of a placeholder's volumes. */
const volumeKinds = ["persistentVolumeClaim", "configMap", "secret", "downwardAPI", "projected", "emptyDir", "image"];

/** A CEL list of the owner references to instances that control a pod and whose placeholder's name the pod has. */
export function instancesOf(pod: string): string {
  const between = `${pod}.metadata.name.substring(${placeholderPrefix.length}, ${pod}.metadata.name.size() - 6)`;
  return [
    `!${pod}.metadata.name.matches("^${placeholderPrefix}.+-[0-9a-f]{5}$") ? [] :`,
    `${pod}.metadata.?ownerReferences.orValue([]).filter(o, o.?controller.orValue(false)`,
    `&& o.kind == "${instances.kind}" && o.apiVersion.startsWith("${group.name}/")`,
    `&& (o.name == ${between} || o.name.size() > ${placeholderNameLength} && o.name.startsWith(${between})))`,
  ].join(" ");
}

/** A CEL list with a text, if a condition is false. */
const unless = (condition: string, text: string): string => `(${condition} ? [] : ["${text}"])`;

/** A CEL list of texts about the containers `c` for which a condition is false. */
const unlessEach = (containers: string, condition: string, text: string): string =>
  `${containers}.filter(c, !(${condition})).map(c, "spec.containers: " + c.name + ": ${text}")`;

/** CEL conditions for a security context at a path. */
const isOrdinary = (context: string): string[] => [
  `!${context}.?appArmorProfile.hasValue()`,
  `!${context}.?windowsOptions.hasValue()`,
  // OpenShift's admission sets a level for each namespace.
  `${context}.?seLinuxOptions.orValue({}).all(k, k == "level")`,
  `${context}.?runAsUser.orValue(1) != 0`,
];

const isConfined = [
  "!c.?securityContext.?privileged.orValue(false)",
  "!c.?securityContext.?allowPrivilegeEscalation.orValue(true)",
  "c.?securityContext.?readOnlyRootFilesystem.orValue(false)",
  "c.?securityContext.?runAsNonRoot.orValue(true)",
  'c.?securityContext.?procMount.orValue("Default") == "Default"',
  '"ALL" in c.?securityContext.?capabilities.?drop.orValue([])',
  "c.?securityContext.?capabilities.?add.orValue([]).size() == 0",
  "!c.?securityContext.?seccompProfile.hasValue()",
  ...isOrdinary("c.?securityContext"),
].join(" && ");

const isPodConfined = [
  "object.spec.?securityContext.?runAsNonRoot.orValue(false)",
  'object.spec.?securityContext.?seccompProfile.?type.orValue("") == "RuntimeDefault"',
  "!object.spec.?securityContext.?sysctls.hasValue()",
  ...isOrdinary("object.spec.?securityContext"),
].join(" && ");

const isImage = `(c.name == "${kernelContainer}" || c.name.startsWith("${diskContainer}"))`;

const runsNothingElse = [
  "!c.?args.hasValue() && !c.?lifecycle.hasValue()",
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => `!c.?${probe}.?exec.hasValue()`),
].join(" && ");

/** An image container has only this mount, so that nothing else can hide the program. */
const hasLentProgram = [
  "c.?volumeMounts.orValue([]).size() == 1",
  `c.volumeMounts[0].mountPath == "${dirname(copiedHoldProgram)}" && c.volumeMounts[0].?readOnly.orValue(false)`,
  "!c.volumeMounts[0].?subPath.hasValue() && !c.volumeMounts[0].?subPathExpr.hasValue()",
  'object.spec.?volumes.orValue([]).exists(v, v.name == c.volumeMounts[0].name && "emptyDir" in v)',
].join(" && ");

/** Nothing is mounted over the program of our containers, not even through a link in another mount. */
const hasOwnProgram = [
  `c.?volumeMounts.orValue([]).all(m, m.mountPath.matches("^(/[^/]+)+$") && !m.mountPath.matches("/[.][.]?(/|$)")`,
  `&& m.mountPath.split("/")[1] != "${holdProgram.slice(1)}"`,
  '&& !c.volumeMounts.exists(n, m.mountPath.startsWith(n.mountPath + "/")))',
  `&& c.?volumeDevices.orValue([]).all(d, d.devicePath.startsWith("${podDevicesFolder}/"))`,
].join(" ");

const hasToken =
  'object.spec.?volumes.orValue([]).exists(v, v.?projected.?sources.orValue([]).exists(s, "serviceAccountToken" in s))';

/** Texts about differences from a placeholder, in the pod's metadata. */
const metadataTroubles = [
  `(request.namespace in ${list(withoutMachines)} ? ["namespace " + request.namespace + ": no machines are run here"] : [])`,
  unless(
    "variables.instances.size() == 1",
    `metadata: the controller makes placeholder pods only, named after the ${instances.kind} that controls them`,
  ),
  unless(
    `object.metadata.?labels[?"${labels.app}"].orValue("") == "${placeholderApp}"`,
    `metadata.labels: ${labels.app}: it is not ${placeholderApp}`,
  ),
  unless(
    `variables.instances.all(o, object.metadata.?labels[?"${labels.createdBy}"].orValue("") == o.uid)`,
    `metadata.labels: ${labels.createdBy}: it is not the UID of the instance`,
  ),
  [
    "object.metadata.?annotations.orValue({}).map(name, name)",
    `.filter(name, !(name in ${list(Object.values(networkAnnotations))}))`,
    `.map(name, ["metadata.annotations: " + name + ": ", ${celWhyWithheld("name")}])`,
    '.filter(pair, pair[1] != "").map(pair, pair[0] + pair[1])',
  ].join(""),
];

const specTroubles = [
  `${list(neverSet)}.filter(f, f in object.spec).map(f, "spec." + f + ": a placeholder has none")`,
  unless('object.spec.restartPolicy == "Never"', "spec.restartPolicy: a placeholder is never restarted"),
  unless(
    `object.spec.?nodeSelector[?"${labels.schedulable}"].orValue("") == "true"`,
    `spec.nodeSelector: a placeholder is for nodes with ${labels.schedulable}=true`,
  ),
  [
    "object.spec.?volumes.orValue([])",
    `.filter(v, !v.all(k, k == "name" || k in ${list(volumeKinds)}))`,
    `.map(v, "spec.volumes: " + v.name + ": it is none of ${volumeKinds.join(", ")}")`,
  ].join(""),
  unless(
    "!object.spec.?automountServiceAccountToken.orValue(true)",
    "spec.automountServiceAccountToken: a placeholder is given no token but in a volume",
  ),
  unless(
    `object.spec.?serviceAccountName.orValue("default") == "default" || ${hasToken}`,
    "spec.serviceAccountName: a placeholder has an account only for the token of it in a volume",
  ),
  unless(isPodConfined, "spec.securityContext: a placeholder is not root's, and confined as its runtime has it"),
];

const containerTroubles = [
  unlessEach(
    "variables.containers",
    `c.name == "${machineContainer}" || ${isImage}`,
    "the controller makes no such container",
  ),
  unlessEach("variables.initContainers", `c.name == "${holdContainer}"`, "the controller makes no such init container"),
  unlessEach(
    "variables.containers",
    `${runsNothingElse} && c.?command.orValue([]) == (${isImage} ? ["${copiedHoldProgram}"] : ["${holdProgram}"])`,
    "it does not run hold alone",
  ),
  unlessEach(
    "variables.initContainers",
    `${runsNothingElse} && c.?command.orValue([]) == ["${holdProgram}", "copy", "${copiedHoldProgram}"]`,
    "it does not copy hold alone",
  ),
  unlessEach(
    "variables.all",
    `${isImage} ? (${hasLentProgram}) : (${hasOwnProgram})`,
    "what is mounted may lie over hold",
  ),
  unlessEach("variables.all", isConfined, "it is not confined as a placeholder's"),
  unlessEach(
    "variables.all",
    "c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)",
    "it takes a port of its node",
  ),
];

/**
 * The containers of a pod that the controller itself requested, in `variables.containers`, `initContainers` and `all`.
 * Containers that other webhooks added are not among them.
 */
export const requestedContainers: readonly Expression[] = [
  {
    name: "requested",
    expression: [
      `object.metadata.?annotations[?"${annotations.requestedContainers}"].hasValue()`,
      `? object.metadata.annotations["${annotations.requestedContainers}"].split(",")`,
      ": (object.spec.containers + object.spec.?initContainers.orValue([])).map(c, c.name)",
    ].join(" "),
  },
  { name: "containers", expression: "object.spec.containers.filter(c, c.name in variables.requested)" },
  {
    name: "initContainers",
    expression: "object.spec.?initContainers.orValue([]).filter(c, c.name in variables.requested)",
  },
  { name: "all", expression: "variables.containers + variables.initContainers" },
];

/** Variables with `troubles`: texts about all differences of a pod from the controller's pods. */
export const placeholderTroubles: readonly Expression[] = [
  ...requestedContainers,
  { name: "instances", expression: instancesOf("object") },
  { name: "ofMetadata", expression: metadataTroubles.join(" + ") },
  { name: "ofSpec", expression: specTroubles.join(" + ") },
  { name: "ofContainers", expression: containerTroubles.join(" + ") },
  { name: "troubles", expression: "variables.ofMetadata + variables.ofSpec + variables.ofContainers" },
];
