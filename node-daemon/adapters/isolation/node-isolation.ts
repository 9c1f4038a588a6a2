import { chmod, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../api/kube/log.ts";
import { sleep } from "../../../api/kube/sleep.ts";
import { undefinedIfGone } from "../../../api/values/error-code.ts";
import type { Isolation } from "../../drivers/isolation.ts";
import { type Confinement, parseStatus } from "../../instance/confinement.ts";
import type { UserRange } from "../../instance/machine-user-range.ts";
import { openKvmDevice } from "./kvm-device.ts";
import { NodeFirewall } from "./node-firewall.ts";

/** Milliseconds between checks: a program that resets the node's packet filter also removes the daemon's rules. */
const lookEvery = 10_000;

export interface NodeIsolationOptions {
  readonly users: UserRange;
  /** Whether guests run on KVM. */
  readonly kvm: boolean;
  readonly proc?: string;
}

/** Isolation on the node that this process runs on. The process must see the node's processes. */
export class NodeIsolation implements Isolation {
  readonly #firewall: NodeFirewall;
  readonly #kvm: boolean;
  readonly #proc: string;

  constructor({ users, kvm, proc = "/proc" }: NodeIsolationOptions) {
    this.#firewall = new NodeFirewall(users);
    this.#kvm = kvm;
    this.#proc = proc;
  }

  async enforce(): Promise<string[]> {
    const root = join(this.#proc, "1/root");
    const [closed, sockets, opened] = await Promise.all([
      this.#firewall.close(),
      closeLibvirtSockets(join(root, "run/libvirt")),
      this.#kvm && openKvmDevice(root),
    ]);
    return [
      ...(closed ? ["the node's network was closed to QEMU"] : []),
      ...sockets.map((name) => `${name} of libvirt was closed to others`),
      ...(opened ? ["/dev/kvm was opened to QEMU"] : []),
    ];
  }

  async confinementOf(pid: number): Promise<Confinement | undefined> {
    const of = (process: number | string, file: string): string => join(this.#proc, String(process), file);
    const [status, mounts, nodes] = await Promise.all([
      readFile(of(pid, "status"), "utf8").catch(undefinedIfGone),
      readlink(of(pid, "ns/mnt")).catch(undefinedIfGone),
      readlink(of(1, "ns/mnt")),
    ]);
    if (status === undefined || mounts === undefined) return undefined;
    return { ...parseStatus(status), ownMounts: mounts !== nodes };
  }

  /** Enforces isolation, then checks from time to time that it still holds, until the signal is aborted. */
  async keep(log: Log, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for (const done of await this.enforce()) log("info", done);
      } catch (error) {
        log("warn", "machines cannot be kept from the node", { error });
      }
      await sleep(lookEvery, signal).catch(() => {});
    }
  }
}

/**
 * Closes libvirt's sockets to all but their owner and group. Read access reveals all machines. The installation of
 * libvirt decides whether all users have it. Each start of libvirt creates the sockets again.
 */
export async function closeLibvirtSockets(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /-sock(-ro)?$/.test(name));
  const closed = await Promise.all(
    names.map(async (name) => {
      const socket = join(folder, name);
      const found = await stat(socket).catch(undefinedIfGone);
      if (!found?.isSocket() || (found.mode & 0o007) === 0) return [];
      await chmod(socket, found.mode & 0o770);
      return [name];
    }),
  );
  return closed.flat();
}
