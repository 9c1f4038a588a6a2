import { rm, writeFile } from "node:fs/promises";
import type { Ending } from "../../drivers/ending.ts";
import type { FreezeNote, Notes, StopNote } from "../../drivers/notes.ts";
import type { InstancePaths } from "../../instance/paths.ts";
import type { PodLink } from "../../network/pod-link.ts";
import { readWhole, writeWhole } from "../whole-file.ts";

/** Small files in an instance's folder. */
export class NodeNotes implements Notes {
  async readInstance(paths: InstancePaths): Promise<unknown> {
    return readWhole(paths.instance);
  }

  async keepLinks(paths: InstancePaths, links: readonly PodLink[]): Promise<void> {
    if (!(await readWhole(paths.links))) await writeWhole(paths.links, links);
  }

  async markStarted(paths: InstancePaths): Promise<void> {
    await writeFile(paths.started, "");
  }

  async noteStop(paths: InstancePaths, note: StopNote): Promise<void> {
    // The grace period has one start. A note from before the node's last boot does not count.
    if ((await readWhole<StopNote>(paths.stopping))?.boot !== note.boot) await writeWhole(paths.stopping, note);
  }

  async noteFreeze(paths: InstancePaths, note: FreezeNote): Promise<void> {
    await writeWhole(paths.frozen, note);
  }

  async forgetFreeze(paths: InstancePaths): Promise<void> {
    await rm(paths.frozen, { force: true });
  }

  async markEnded(paths: InstancePaths, ending: Ending): Promise<void> {
    if (!(await readWhole(paths.ended))) await writeWhole(paths.ended, ending);
  }
}
