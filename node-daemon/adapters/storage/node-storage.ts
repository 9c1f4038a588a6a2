import type { Disks } from "../../drivers/disks.ts";
import type { Notes } from "../../drivers/notes.ts";
import type { Storage } from "../../drivers/storage.ts";
import type { UserRange } from "../../instance/machine-user-range.ts";
import { MachineUsers } from "./machine-users.ts";
import { NodeDisks } from "./node-disks.ts";
import { NodeFolders } from "./node-folders.ts";
import { NodeNotes } from "./node-notes.ts";
import { ShownFiles } from "./shown-files.ts";

export interface NodeStorageOptions {
  readonly stateFolder: string;
  /** The users as which machines' QEMU may run. */
  readonly users: UserRange;
  /** The path of the node's `/proc`. */
  readonly proc?: string;
  /** The program that shows a file as owned by another user. */
  readonly showAs?: string;
}

/** The drivers of all that instances have below the state folder. */
export interface NodeStorage {
  readonly storage: Storage;
  readonly disks: Disks;
  readonly notes: Notes;
}

/** The drivers of a state folder, whose files this process and the node see at the same paths. */
export function nodeStorage({ stateFolder, users: range, proc = "/proc", showAs }: NodeStorageOptions): NodeStorage {
  const users = new MachineUsers(range, { stateFolder, proc });
  const shown = new ShownFiles({ stateFolder, proc, showAs });
  return {
    storage: new NodeFolders({ stateFolder, users, shown }),
    disks: new NodeDisks({ stateFolder, users, shown, proc }),
    notes: new NodeNotes(),
  };
}
