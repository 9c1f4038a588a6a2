import { chown, stat } from "node:fs/promises";
import { basename } from "node:path";
import { freeUser, isMachineUser, type UserRange } from "../../instance/machine-user-range.ts";
import type { InstancePaths } from "../../instance/paths.ts";
import { takenUsers } from "./taken-users.ts";

/** The users of a node's machines. An instance's user is the owner of its sockets folder. */
export class MachineUsers {
  readonly #range: UserRange;
  readonly #stateFolder: string;
  readonly #proc: string;
  /** Resolves when the last user is assigned: no two machines may get the same one. */
  #lastAssignment: Promise<unknown> = Promise.resolve();

  constructor(range: UserRange, { stateFolder, proc }: { stateFolder: string; proc: string }) {
    this.#range = range;
    this.#stateFolder = stateFolder;
    this.#proc = proc;
  }

  /** Gives an instance a user that is free on the node. An instance that has a machine user keeps it. */
  async give({ folder, sockets }: InstancePaths): Promise<void> {
    const give = async (): Promise<void> => {
      let user = (await stat(sockets)).uid;
      if (!isMachineUser(this.#range, user)) {
        user = freeUser(this.#range, basename(folder), await takenUsers(this.#stateFolder, this.#proc));
        await chown(sockets, user, user);
      }
      await chown(folder, 0, user);
    };
    const given = this.#lastAssignment.then(give);
    this.#lastAssignment = given.catch(() => {});
    await given;
  }

  /** An instance's user, if it has its own; earlier releases gave all instances KubeVirt's user. */
  async of({ sockets }: InstancePaths): Promise<number | undefined> {
    const owner = await stat(sockets).catch(() => undefined);
    return owner && isMachineUser(this.#range, owner.uid) ? owner.uid : undefined;
  }

  /** An instance's own user. Throws when it has none. */
  async requiredOf(paths: InstancePaths): Promise<number> {
    const user = await this.of(paths);
    if (user === undefined) throw new Error(`${paths.sockets} belongs to no user of machines`);
    return user;
  }
}
