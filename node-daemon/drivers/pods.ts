import type { PlaceholderImage } from "../../api/contract/placeholder-images.ts";
import type { Ending } from "./ending.ts";

/** A placeholder's container on the node. */
export interface Container {
  /** The process of hold, as the node numbers it. */
  readonly pid: number;
  /** The container's folder in each cgroup hierarchy that QEMU belongs into. */
  readonly cgroups: readonly string[];
  /** Whether the kubelet has asked it to end, which hold does when we say so. */
  readonly askedToEnd: boolean;
}

/**
 * A file or folder that is held open: `path` leads to this very one, whatever happens to its name, on the node as well.
 * It is to be disposed of.
 */
export interface HeldFile extends AsyncDisposable {
  readonly path: string;
}

/** A device as the kernel numbers it. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** How a pod has a claim: mounted as a folder, or mapped as a block device. */
export type ClaimMode = "folder" | "device";

/** The folder of a claim, or the block device that it is. */
export interface ClaimVolume extends HeldFile {
  readonly device?: DeviceNumber;
}

/** The pods of the node, as they are there and not as the API server has them. */
export interface Pods {
  /** The container of a placeholder; undefined while the kubelet has not started it, and when it is gone. */
  find(podUid: string): Promise<Container | undefined>;
  /** The placeholders, among those that were found, that the kubelet has asked to end; cheap, since no event tells of it. */
  askedToEnd(): Promise<string[]>;
  /** Calls back when the container of a placeholder may have come, until the signal is aborted. */
  await(podUid: string, found: () => void, signal: AbortSignal): void;
  /** Whether a process is in the container's cgroups. */
  holds(container: Container, pid: number): Promise<boolean>;
  /**
   * Moves a process into the container's cgroups, and has the kernel judge it as the container's own when the node has no
   * memory left. Nothing happens when it is there already.
   */
  adopt(container: Container, pid: number): Promise<void>;
  /** Tells hold how the machine ended. Nothing happens when it is gone already. */
  release(podUid: string, phase: Ending["phase"]): Promise<void>;
  /**
   * A file of an image that the placeholder has; the one disk image when no path is given. Throws, in a user's words, when
   * there is none.
   */
  imageFile(container: Container, image: PlaceholderImage, path: string | undefined): Promise<HeldFile>;
  /**
   * The folder of a claim, or its device where the pod has it as one. Throws, in a user's words, when it is not there, or
   * a device is none that the kubelet has mapped for the pod.
   */
  claim(container: Container, volume: string, mode: ClaimMode): Promise<ClaimVolume>;
  /** The folder of the placeholder's volume for disks that end with the instance. Throws when it is not mounted. */
  ephemeralDisks(container: Container): Promise<HeldFile>;
  /** The files of a volume that the pod mounts from an object such as a Secret. Throws when it is not mounted. */
  files(container: Container, podVolume: string): Promise<ReadonlyMap<string, Buffer>>;
}
