import { machineContainer } from "../../api/contract/constants.ts";
import type { PlaceholderImage } from "../../api/contract/placeholder-images.ts";
import {
  claimDevice,
  claimOf,
  claimPath,
  cloudInitSecrets,
  ephemeralDisks,
  ephemeralDisksPath,
  mountedFilesPath,
} from "../../api/contract/placeholder-volumes.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { InstanceSpec } from "../../api/schema/instance-spec.ts";
import type { DownwardFile, Volume } from "../../api/schema/volume.ts";
import type { Claims } from "./claims.ts";

type PodVolume = NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number];
type DownwardItem = NonNullable<NonNullable<PodVolume["downwardAPI"]>["items"]>[number];
type Container = NonNullable<Pod["spec"]>["containers"][number];

/** A volume of the placeholder, and its path. */
interface Mounted {
  readonly volume: PodVolume;
  readonly path: string;
  /** Read-only by default. */
  readonly writable?: boolean;
  /** Whether it is a device, not a folder. */
  readonly device?: boolean;
}

/** The volumes of a pod, and their places in its container. Empty lists are left out. */
export interface PodVolumes {
  readonly pod: PodVolume[];
  readonly container: Pick<Container, "volumeMounts" | "volumeDevices">;
}

/** Seconds that a ServiceAccount's token is valid: it is not renewed in a guest. It ends with its pod anyhow. */
const tokenSeconds = 31_536_000;

/** The pod's volumes for the volumes of an instance: the kubelet pulls, mounts and maps them. */
export function podVolumes(spec: InstanceSpec, images: readonly PlaceholderImage[], claims: Claims): PodVolumes {
  const { volumes = [] } = spec;
  const all = [
    ...images.map(imageVolume),
    ...volumes.flatMap((volume) => mountedOf(volume, volumes, claims)),
    ...ephemeralVolume(spec),
  ];
  const volumeMounts = all
    .filter(({ device }) => !device)
    .map(({ volume: { name }, path, writable }) => ({
      name,
      mountPath: path,
      ...(writable ? {} : { readOnly: true }),
    }));
  const volumeDevices = all
    .filter(({ device }) => device)
    .map(({ volume: { name }, path }) => ({ name, devicePath: path }));
  return {
    pod: all.map(({ volume }) => volume),
    container: {
      ...(volumeMounts.length > 0 ? { volumeMounts } : {}),
      ...(volumeDevices.length > 0 ? { volumeDevices } : {}),
    },
  };
}

function mountedOf(volume: Volume, volumes: readonly Volume[], claims: Claims): Mounted[] {
  const { name } = volume;
  const claim = claimOf(volume);
  if (claim) {
    const { claimName, readOnly } = claim;
    const device = claims.get(claimName)?.spec?.volumeMode === "Block";
    const persistentVolumeClaim = { claimName, ...(readOnly ? { readOnly } : {}) };
    const path = device ? claimDevice(name) : claimPath(name);
    return [{ volume: { name, persistentVolumeClaim }, path, writable: !readOnly, device }];
  }
  const source = objectSource(volume);
  if (source) return [{ volume: { name, ...source }, path: mountedFilesPath(name) }];
  return cloudInitSecrets(volume, volumes).map(({ podVolume, secretName }) => ({
    volume: { name: podVolume, secret: { secretName, defaultMode } },
    path: mountedFilesPath(podVolume),
  }));
}

/** Read-only: the daemon writes there from the node's side, and the pod's containers need not write. */
function ephemeralVolume(spec: InstanceSpec): Mounted[] {
  const name = ephemeralDisks(spec);
  return name === undefined ? [] : [{ volume: { name, emptyDir: {} }, path: ephemeralDisksPath }];
}

/** Only root reads these files: the node daemon, which makes an ISO image of them. */
const defaultMode = 0o400;

/** The pod's volume source for the files of an API object. */
function objectSource(volume: Volume): Omit<PodVolume, "name"> | undefined {
  const { configMap, secret, serviceAccount, downwardAPI } = volume;
  const given = ({ optional }: { optional?: boolean | undefined }): { optional?: boolean } =>
    optional === undefined ? {} : { optional };
  if (configMap) return { configMap: { name: configMap.name, defaultMode, ...given(configMap) } };
  if (secret) return { secret: { secretName: secret.secretName, defaultMode, ...given(secret) } };
  if (downwardAPI) {
    return { downwardAPI: { defaultMode, items: downwardAPI.fields.map(downwardItem) } };
  }
  if (!serviceAccount) return undefined;
  // The same files as in a pod with its ServiceAccount's credentials.
  const sources = [
    { serviceAccountToken: { path: "token", expirationSeconds: tokenSeconds } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
  ];
  return { projected: { defaultMode, sources } };
}

function downwardItem({ path, fieldRef, resourceFieldRef }: DownwardFile): DownwardItem {
  if (resourceFieldRef) {
    const { resource, divisor } = resourceFieldRef;
    const unit = divisor === undefined ? {} : { divisor: String(divisor) };
    return { path, resourceFieldRef: { containerName: machineContainer, resource, ...unit } };
  }
  if (!fieldRef) return { path };
  const { apiVersion, fieldPath } = fieldRef;
  return { path, fieldRef: { ...(apiVersion === undefined ? {} : { apiVersion }), fieldPath } };
}

function imageVolume({ podVolume, image: reference, imagePullPolicy: pullPolicy, path }: PlaceholderImage): Mounted {
  const image = { reference, ...(pullPolicy === undefined ? {} : { pullPolicy }) };
  return { volume: { name: podVolume, image }, path };
}
