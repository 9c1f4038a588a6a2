import type { PlaceholderImage } from "../../api/contract/placeholder-images.ts";
import type { Ending } from "./ending.ts";

/** A placeholder's container on the node. */
export interface Container {
  /** The PID of the hold process, in the node's PID namespace. */
  readonly pid: number;
  /** The container's folder in each cgroup hierarchy that QEMU moves into. */
  readonly cgroups: readonly string[];
  /** Whether the kubelet has asked the container to end. hold ends when the daemon says so. */
  readonly askedToEnd: boolean;
}

/**
 * An open file or folder. `path` leads to this very file even if its name changes, on the node as well. The caller must
 * dispose of it.
 */
export interface HeldFile extends AsyncDisposable {
  readonly path: string;
}

/** A device's number in the kernel. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** The way a pod has a claim: mounted as a folder, or mapped as a block device. */
export type ClaimMode = "folder" | "device";

/** The folder of a claim, or the claim's block device. */
export interface ClaimVolume extends HeldFile {
  readonly device?: DeviceNumber;
}

/** The actual pods of the node, not the API server's view of them. */
export interface Pods {
  /** The container of a placeholder; undefined before the kubelet has started it, and after it is gone. */
  find(podUid: string): Promise<Container | undefined>;
  /** The UIDs of found placeholders that the kubelet has asked to end. Cheap, because no event reports them. */
  askedToEnd(): Promise<string[]>;
  /** Calls back when a placeholder's container may have come, until the signal is aborted. */
  await(podUid: string, found: () => void, signal: AbortSignal): void;
  /** Whether a process is in the container's cgroups. */
  holds(container: Container, pid: number): Promise<boolean>;
  /**
   * Moves a process into the container's cgroups, and gives it the container's `oom_score_adj`. Does nothing when the
   * process is there already.
   */
  adopt(container: Container, pid: number): Promise<void>;
  /** Tells hold how the machine ended. Does nothing when hold is gone. */
  release(podUid: string, phase: Ending["phase"]): Promise<void>;
  /**
   * Opens a file of one of the placeholder's images; the only disk image when `path` is undefined. Throws with a
   * message for users when there is none.
   */
  imageFile(container: Container, image: PlaceholderImage, path: string | undefined): Promise<HeldFile>;
  /**
   * Opens the folder of a claim, or its device if the pod has it as one. Throws with a message for users when it is
   * missing, or when the kubelet has not mapped the device for the pod.
   */
  claim(container: Container, volume: string, mode: ClaimMode): Promise<ClaimVolume>;
  /** Opens the folder of the placeholder's volume for ephemeral disks. Throws when the volume is not mounted. */
  ephemeralDisks(container: Container): Promise<HeldFile>;
  /** The files of a volume that the pod mounts from an object such as a Secret. Throws when it is not mounted. */
  files(container: Container, podVolume: string): Promise<ReadonlyMap<string, Buffer>>;
}
