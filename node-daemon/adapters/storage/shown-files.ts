import { chmod, link, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceNumber, HeldFile } from "../../drivers/pods.ts";
import { onNode, run } from "../command.ts";
import { parseMountinfo } from "../pods/mountinfo.ts";
import { makeWhole } from "../whole-file.ts";
import { findNode } from "./device-nodes.ts";

/** The path of the program that `deploy/images/show-as` makes. */
const besideProgram = fileURLToPath(new URL("show-as", import.meta.url));

export interface ShownFilesOptions {
  stateFolder: string;
  /** The path of the node's `/proc`. */
  proc: string;
  /** The program that shows a file as owned by another user. */
  showAs?: string | undefined;
}

/** Shows the node's files to QEMU at other paths: files and folders by mounts, devices by device nodes. */
export class ShownFiles {
  readonly #stateFolder: string;
  readonly #proc: string;
  readonly #showAs: string;
  /** Resolves when the last device node is made. Two nodes of one device must not be made at the same time. */
  #devices: Promise<unknown> = Promise.resolve();

  constructor({ stateFolder, proc, showAs = besideProgram }: ShownFilesOptions) {
    this.#stateFolder = stateFolder;
    this.#proc = proc;
    this.#showAs = showAs;
  }

  /** All mount points of the node. */
  async points(): Promise<Set<string>> {
    const mounts = parseMountinfo(await readFile(join(this.#proc, "1/mountinfo"), "utf8"));
    return new Set(mounts.map(({ point }) => point));
  }

  /** Shows a file at another path; a file of KubeVirt's user as owned by the user `as`, if the storage can do that. */
  async showFile(source: HeldFile, place: string, { as, readOnly }: { as: number; readOnly: boolean }): Promise<void> {
    if ((await this.points()).has(place)) return;
    await writeFile(place, "");
    // The path must lead to the open file, even if its name now leads to another file.
    await run([this.#showAs, String(as), source.path, place, ...(readOnly ? ["ro"] : [])]);
  }

  /** Shows a folder at another path, with all owners unchanged. */
  async showFolder(source: HeldFile, place: string): Promise<void> {
    if ((await this.points()).has(place)) return;
    await mkdir(place, { recursive: true });
    await run([this.#showAs, "-", source.path, place]);
  }

  /** Unmounts everything right below a folder. */
  async hide(folder: string): Promise<void> {
    for (const point of await this.points()) {
      // Without `--no-canonicalize`, umount would first ask the storage about the path.
      if (dirname(point) === folder) await run(onNode(["umount", "--no-canonicalize", point]));
    }
  }

  /**
   * Makes a device node for QEMU. All machines share one node of a device, by hard links, because QEMU's locks belong
   * to the node. A shared node is open to all users, but each link is in a folder that only one machine can enter.
   * `own` prepares the first node, at the path that it gets.
   */
  async makeDevice(place: string, device: DeviceNumber, own: (part: string) => Promise<unknown>): Promise<void> {
    const make = async (): Promise<void> => {
      const other = await findNode(this.#stateFolder, device, await this.points());
      await makeWhole(place, async (part) => {
        if (other === undefined) {
          await run(onNode(["mknod", part, "b", String(device.major), String(device.minor)]));
          await own(part);
        } else {
          await link(other, part);
          await chmod(part, 0o666);
        }
      });
    };
    const made = this.#devices.then(make);
    this.#devices = made.catch(() => {});
    await made;
  }
}
