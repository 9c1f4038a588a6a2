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
 * What the pods are that the controller makes (`controller/vmi/placeholder-pod.ts`), said again for the API server. Whether
 * there is such an instance, and what is in its spec, a policy cannot see.
 */

/** Where nobody's machines are: who has the accounts and Secrets of these has the cluster. */
const withoutMachines = ["kube-system", "kube-public", "kube-node-lease", namespace];

/** Of these fields of a pod's spec the controller sets none. */
const neverSet = ["hostNetwork", "hostPID", "hostIPC", "nodeName", "ephemeralContainers", "resourceClaims"];

/** What the volumes of a placeholder are. */
const volumeKinds = ["persistentVolumeClaim", "configMap", "secret", "downwardAPI", "projected", "emptyDir", "image"];

/** A CEL list of the instances, as owners, that control a pod and after which it is named as their placeholder. */
export function instancesOf(pod: string): string {
  const between = `${pod}.metadata.name.substring(${placeholderPrefix.length}, ${pod}.metadata.name.size() - 6)`;
  return [
    `!${pod}.metadata.name.matches("^${placeholderPrefix}.+-[0-9a-f]{5}$") ? [] :`,
    `${pod}.metadata.?ownerReferences.orValue([]).filter(o, o.?controller.orValue(false)`,
    `&& o.kind == "${instances.kind}" && o.apiVersion.startsWith("${group.name}/")`,
    `&& (o.name == ${between} || o.name.size() > ${placeholderNameLength} && o.name.startsWith(${between})))`,
  ].join(" ");
}

/** A CEL list of a text, where a condition is not true. */
const unless = (condition: string, text: string): string => `(${condition} ? [] : ["${text}"])`;

/** A CEL list of texts about those containers of which a condition, of a container `c`, is not true. */
const unlessEach = (containers: string, condition: string, text: string): string =>
  `${containers}.filter(c, !(${condition})).map(c, "spec.containers: " + c.name + ": ${text}")`;

/** CEL conditions of a security context at a path. */
const isOrdinary = (context: string): string[] => [
  `!${context}.?appArmorProfile.hasValue()`,
  `!${context}.?windowsOptions.hasValue()`,
  // OpenShift's admission gives each namespace a level.
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

/** The one mount of a container of an image: nothing else comes to lie where the program is. */
const hasLentProgram = [
  "c.?volumeMounts.orValue([]).size() == 1",
  `c.volumeMounts[0].mountPath == "${dirname(copiedHoldProgram)}" && c.volumeMounts[0].?readOnly.orValue(false)`,
  "!c.volumeMounts[0].?subPath.hasValue() && !c.volumeMounts[0].?subPathExpr.hasValue()",
  'object.spec.?volumes.orValue([]).exists(v, v.name == c.volumeMounts[0].name && "emptyDir" in v)',
].join(" && ");

/** Nothing lies over the program of a container of ours, also by way of a link in what is mounted elsewhere. */
const hasOwnProgram = [
  `c.?volumeMounts.orValue([]).all(m, m.mountPath.matches("^(/[^/]+)+$") && !m.mountPath.matches("/[.][.]?(/|$)")`,
  `&& m.mountPath.split("/")[1] != "${holdProgram.slice(1)}"`,
  '&& !c.volumeMounts.exists(n, m.mountPath.startsWith(n.mountPath + "/")))',
  `&& c.?volumeDevices.orValue([]).all(d, d.devicePath.startsWith("${podDevicesFolder}/"))`,
].join(" ");

const hasToken =
  'object.spec.?volumes.orValue([]).exists(v, v.?projected.?sources.orValue([]).exists(s, "serviceAccountToken" in s))';

/** Texts about what is not as in a placeholder, in the pod's metadata. */
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
 * The containers of a pod that the controller itself has asked for, by `variables.containers`, `initContainers` and `all`.
 * What webhooks of others have added is theirs.
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

/** By which `variables.troubles` are texts about all of a pod that is not as the controller makes it. */
export const placeholderTroubles: readonly Expression[] = [
  ...requestedContainers,
  { name: "instances", expression: instancesOf("object") },
  { name: "ofMetadata", expression: metadataTroubles.join(" + ") },
  { name: "ofSpec", expression: specTroubles.join(" + ") },
  { name: "ofContainers", expression: containerTroubles.join(" + ") },
  { name: "troubles", expression: "variables.ofMetadata + variables.ofSpec + variables.ofContainers" },
];
