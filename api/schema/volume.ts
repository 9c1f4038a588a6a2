import type { z } from "zod";
import { machineContainer } from "../contract/constants.ts";
import { compareQuantities, isQuantity } from "../values/quantity.ts";
import { type Amount, celWithin, diskSize, outside } from "./bounds.ts";
import { boolean, choice, label, list, object, objectName, opaque, pattern, quantity, text } from "./field.ts";
import { image, pathInImage } from "./image.ts";
import { atLeastOne, atMostOne, type Constraint, exactlyOne } from "./rule.ts";

const secretReference = (description: string) => object({ name: objectName("The Secret's name.") }, description);

/** Up to 64 KiB of cloud-init text. A bound is necessary, and etcd stores at most 1.5 MiB for the whole object. */
const userText = (description: string) => text(description, 65_536);

const base64Text = (description: string) => pattern(/^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/, 65_536, description);

const userSources = ["userData", "userDataBase64", "secretRef"] as const;
const networkSources = ["networkData", "networkDataBase64", "networkDataSecretRef"] as const;

const cloudInit = (description: string) =>
  object(
    {
      userData: userText("The user data, as text.").optional(),
      userDataBase64: base64Text("The user data, base64-encoded.").optional(),
      secretRef: secretReference("A Secret whose key `userdata` holds the user data.").optional(),
      networkData: userText("The network data, as text.").optional(),
      networkDataBase64: base64Text("The network data, base64-encoded.").optional(),
      networkDataSecretRef: secretReference("A Secret whose key `networkdata` holds the network data.").optional(),
    },
    description,
    {
      constraints: [
        atLeastOne(...userSources, ...networkSources),
        atMostOne(...userSources),
        atMostOne(...networkSources),
      ],
    },
  );
export type CloudInit = z.infer<ReturnType<typeof cloudInit>>;

const claim = (description: string) =>
  object(
    {
      claimName: objectName("The claim's name."),
      readOnly: boolean("Whether the claim is mounted read-only.").optional(),
      hotpluggable: opaque.boolean("Whether the volume can be taken out of the running machine.").optional(),
    },
    description,
  );

/** The units in which the kubelet reports a resource; 0 means 1. */
const divisors = {
  cpu: ["0", "1", "1m"],
  memory: ["0", "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
} as const;

/** The kubelet must know the unit. Otherwise the pod would be refused, which is too late for the author. */
function divisorIsKnown(
  resource: keyof typeof divisors,
): Constraint<{ resource: string; divisor?: Amount | undefined }> {
  const units = divisors[resource];
  const message = `${resource} is given in units of ${units.slice(1).join(", ")}`;
  const isUnit = `[${units.map((unit) => `'${unit}'`).join(", ")}].exists(unit, quantity(unit).compareTo(quantity(string(self.divisor))) == 0)`;
  return {
    cel: {
      rule: `!has(self.divisor) || !self.resource.endsWith('.${resource}') || ${isUnit}`,
      message,
      fieldPath: ".divisor",
    },
    breach: ({ resource: name, divisor }) =>
      isQuantity(divisor) &&
      name.endsWith(`.${resource}`) &&
      !units.some((unit) => compareQuantities(unit, divisor) === 0)
        ? message
        : undefined,
  };
}

const capacityIsPossible: Constraint<{ capacity: Amount }> = {
  cel: { rule: celWithin("self.capacity", diskSize), message: diskSize.message, fieldPath: ".capacity" },
  breach: ({ capacity }) => outside(capacity, diskSize),
};

const downwardFile = object(
  {
    path: text("The file's path in the volume.", 4096),
    fieldRef: object(
      {
        apiVersion: text("The version that the path is written for.", 63).optional(),
        fieldPath: text("The field of the object.", 1024),
      },
      "A field of the object.",
    ).optional(),
    resourceFieldRef: object(
      {
        containerName: choice([machineContainer], "The placeholder's container; it is the only one.").optional(),
        resource: choice(
          ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"],
          "What it requests or is limited to; of memory, that is the guest's and the machine's own.",
        ),
        divisor: quantity("The unit that it is given in; 1 when absent.").optional(),
      },
      "A resource of the placeholder's container.",
      { constraints: [divisorIsKnown("cpu"), divisorIsKnown("memory")] },
    ).optional(),
    mode: opaque.integer("The file's permissions.").optional(),
  },
  "A file and the field that it holds.",
  { constraints: [exactlyOne(["fieldRef", "resourceFieldRef"])] },
);
export type DownwardFile = z.infer<typeof downwardFile>;

const sources = {
  containerDisk: object(
    {
      ...image("The image; it holds one disk image below /disk."),
      path: pathInImage("The disk image's path in it, where it is not the only file below /disk.").optional(),
    },
    "A disk out of a container image. What the guest writes to it lasts as long as the instance.",
  ).optional(),
  cloudInitNoCloud: cloudInit("A small disk with cloud-init's data, in the form of its NoCloud source.").optional(),
  cloudInitConfigDrive: cloudInit(
    "A small disk with cloud-init's data, in the form of its ConfigDrive source: network data are OpenStack's JSON.",
  ).optional(),
  emptyDisk: object(
    { capacity: quantity("Its size, 1M to 2Pi.") },
    "An empty disk that lasts as long as the instance.",
    { constraints: [capacityIsPossible] },
  ).optional(),
  persistentVolumeClaim: claim("A disk on a PersistentVolumeClaim.").optional(),
  ephemeral: object(
    { persistentVolumeClaim: claim("The claim below it.") },
    "A disk over a PersistentVolumeClaim that is only read. What the guest writes lasts as long as the instance.",
  ).optional(),
  dataVolume: object(
    {
      name: objectName("The DataVolume's name."),
      hotpluggable: opaque.boolean("Whether the volume can be taken out of the running machine.").optional(),
    },
    "A disk on the claim that a DataVolume fills.",
  ).optional(),
  configMap: object(
    {
      name: objectName("The ConfigMap's name."),
      optional: boolean("Whether it may be missing.").optional(),
      volumeLabel: text("The file system's label.", 32).optional(),
    },
    "A disk with the files of a ConfigMap.",
  ).optional(),
  secret: object(
    {
      secretName: objectName("The Secret's name."),
      optional: boolean("Whether it may be missing.").optional(),
      volumeLabel: text("The file system's label.", 32).optional(),
    },
    "A disk with the files of a Secret.",
  ).optional(),
  serviceAccount: object(
    { serviceAccountName: objectName("The ServiceAccount's name.") },
    "A disk with the credentials of a ServiceAccount as they are at the start; they are good for a year, or until the machine ends.",
  ).optional(),
  downwardAPI: object(
    {
      fields: list(downwardFile, "The files."),
      volumeLabel: text("The file system's label.", 32).optional(),
    },
    "A disk with fields of the instance as files.",
  ).optional(),
  sysprep: opaque.object("A disk with answers for the set-up of Windows.").optional(),
  downwardMetrics: opaque.object("A disk with metrics of the host.").optional(),
  memoryDump: opaque.object("A claim that takes a dump of the guest's memory.").optional(),
  containerPath: opaque.object("A folder of the placeholder's container.").optional(),
  hostDisk: opaque.object("A file of the node.").optional(),
};

/** The possible sources of a volume. */
export const volumeSources = Object.keys(sources);

export const volume = object(
  { name: label("What disks call it."), ...sources },
  "A volume; it becomes a disk of the guest.",
  { constraints: [exactlyOne(volumeSources, "exactly one source is needed, such as containerDisk")] },
);
export type Volume = z.infer<typeof volume>;
