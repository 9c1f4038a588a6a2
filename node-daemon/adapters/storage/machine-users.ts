import { chown, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { InstancePaths } from "../../instance/paths.ts";
import { freeUser, isMachineUser, type UserRange } from "../../instance/qemu-users.ts";
import { takenUsers } from "./taken-users.ts";

/** The users of the machines of a node. An instance's is that to whom the folder of its sockets belongs. */
export class MachineUsers {
  readonly #range: UserRange;
  readonly #stateFolder: string;
  readonly #proc: string;
  /** The last one is given away: two machines are not to get the same. */
  #given: Promise<unknown> = Promise.resolve();

  constructor(range: UserRange, { stateFolder, proc }: { stateFolder: string; proc: string }) {
    this.#range = range;
    this.#stateFolder = stateFolder;
    this.#proc = proc;
  }

  /** Gives an instance one that nobody on the node has. One that has a machine's keeps it. */
  async give({ folder, sockets }: InstancePaths): Promise<void> {
    const give = async (): Promise<void> => {
      let user = (await stat(sockets)).uid;
      if (!isMachineUser(this.#range, user)) {
        user = freeUser(this.#range, basename(folder), await takenUsers(this.#stateFolder, this.#proc));
        await chown(sockets, user, user);
      }
      await chown(folder, 0, user);
    };
    const given = this.#given.then(give);
    this.#given = given.catch(() => {});
    await given;
  }

  /** An instance's user, if it has one; the build before gave all of them KubeVirt's. */
  async of({ sockets }: InstancePaths): Promise<number | undefined> {
    const owner = await stat(sockets).catch(() => undefined);
    return owner && isMachineUser(this.#range, owner.uid) ? owner.uid : undefined;
  }
}
