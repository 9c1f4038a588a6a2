import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { podDevice } from "../../../api/contract/pod-devices.ts";
import { type Connection, LibvirtError } from "../../../node-libvirt/src/index.ts";
import type { HostFacts } from "../../instance/host.ts";
import { findUefi } from "./firmware-files.ts";

export const accelerations = ["auto", "kvm", "emulation"] as const;
/** How guests run. `auto` means on KVM if the node offers it. */
export type Acceleration = (typeof accelerations)[number];

/** Finds the node's facts that domains depend on. Throws when `kvm` is requested and the node has none. */
export async function hostFacts(
  connection: Connection,
  { acceleration, nodeRoot = "/proc/1/root" }: { acceleration: Acceleration; nodeRoot?: string },
): Promise<HostFacts> {
  const kvm = acceleration !== "emulation" && (await hasKvm(connection, nodeRoot));
  if (acceleration === "kvm" && !kvm)
    throw new Error("ACCELERATION=kvm: this node has no /dev/kvm that libvirt can use");
  const arch = "x86_64";
  return {
    virtType: kvm ? "kvm" : "qemu",
    arch,
    mtu: await ownMtu(),
    ...(await findUefi(nodeRoot, arch)),
  };
}

/** The MTU for guests, which need it before their own pod has a network. The daemon's pod is on the same network. */
async function ownMtu(): Promise<number | undefined> {
  const mtu = Number(await readFile(`/sys/class/net/${podDevice}/mtu`, "utf8").catch(() => ""));
  return mtu > 0 ? mtu : undefined;
}

async function hasKvm(connection: Connection, nodeRoot: string): Promise<boolean> {
  const device = await stat(join(nodeRoot, "dev/kvm")).catch(() => undefined);
  if (!device?.isCharacterDevice()) return false;
  try {
    await connection.getDomainCapabilities({ virttype: "kvm", machine: "q35" });
    return true;
  } catch (error) {
    if (error instanceof LibvirtError) return false;
    throw error;
  }
}
