import { chmod, link, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceNumber, HeldFile } from "../../drivers/pods.ts";
import { onNode, run } from "../command.ts";
import { parseMountinfo } from "../pods/mountinfo.ts";
import { makeWhole } from "../whole-file.ts";
import { findNode } from "./device-nodes.ts";

/** Where the program is that `deploy/images/show-as` makes. */
const besideProgram = fileURLToPath(new URL("show-as", import.meta.url));

export interface ShownFilesOptions {
  stateFolder: string;
  /** Where the node's processes are seen. */
  proc: string;
  /** The program that shows a file as another user's. */
  showAs?: string | undefined;
}

/** What of the node QEMU sees at other places: files and folders by mounts of the node, devices by nodes of their own. */
export class ShownFiles {
  readonly #stateFolder: string;
  readonly #proc: string;
  readonly #showAs: string;
  /** The last device node is made: two of one device are not to be made at once. */
  #devices: Promise<unknown> = Promise.resolve();

  constructor({ stateFolder, proc, showAs = besideProgram }: ShownFilesOptions) {
    this.#stateFolder = stateFolder;
    this.#proc = proc;
    this.#showAs = showAs;
  }

  /** The places at which something is mounted on the node. */
  async points(): Promise<Set<string>> {
    const mounts = parseMountinfo(await readFile(join(this.#proc, "1/mountinfo"), "utf8"));
    return new Set(mounts.map(({ point }) => point));
  }

  /** Shows a file at another place, and as the user's where it is KubeVirt's and storage allows. */
  async showFile(source: HeldFile, place: string, { as, readOnly }: { as: number; readOnly: boolean }): Promise<void> {
    if ((await this.points()).has(place)) return;
    await writeFile(place, "");
    // The path is to lead to the file that is held, not to what its name leads to now.
    await run([this.#showAs, String(as), source.path, place, ...(readOnly ? ["ro"] : [])]);
  }

  /** Shows a folder at another place, with all owners as they are. */
  async showFolder(source: HeldFile, place: string): Promise<void> {
    if ((await this.points()).has(place)) return;
    await mkdir(place, { recursive: true });
    await run([this.#showAs, "-", source.path, place]);
  }

  /** Ends whatever is shown right below a folder. */
  async hide(folder: string): Promise<void> {
    for (const point of await this.points()) {
      // As it is written: umount would first ask the storage for it.
      if (dirname(point) === folder) await run(onNode(["umount", "--no-canonicalize", point]));
    }
  }

  /**
   * Makes a device's node for QEMU. All machines have the same one, under several names: QEMU's locks are the node's. Then
   * it is open to all, but each of its names is in a folder that is closed to all but one machine. The first of them is
   * made by `own`, at the place that it is given.
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
