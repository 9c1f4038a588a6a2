import { copyFile, mkdir, rm } from "node:fs/promises";
import { acceleration } from "../../../cluster/acceleration.ts";
import type { Node } from "../../../cluster/cluster.ts";
import { guest } from "../../../cluster/images/guest/guests.ts";
import { progress } from "../../../cluster/progress.ts";

const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

/** A guest on a node with two serial ports (ttyS0 and hvc0) and a screen. virsh makes it, without the add-on. */
export interface SerialGuest {
  readonly name: string;
  /** The path of its folder for this process. */
  readonly folder: string;
  /** The paths of its sockets for this process. */
  readonly ttyS0: string;
  readonly hvc0: string;
  readonly vnc: string;
  /** Runs virsh with the domain's name as the first argument of the command. */
  virsh(command: string, ...args: string[]): Promise<string>;
  /** Destroys it and removes its folder. Nothing happens when it is gone. */
  end(): Promise<void>;
}

/** Starts the tiny guest on a node; its processors stay stopped until `virsh("resume")`. */
export async function startSerialGuest(node: Node, name: string): Promise<SerialGuest> {
  const { disk } = await guest(quiet, "tiny");
  const inNode = `/var/lib/libvirt/images/${name}`;
  const root = await node.bundle.rootFolder();
  const folder = `${root}${inNode}`;
  const virsh = (command: string, ...args: string[]): Promise<string> =>
    node.bundle.run(["virsh", "--quiet", "--connect", "qemu:///system", command, name, ...args]);
  await mkdir(folder, { recursive: true });
  await copyFile(disk, `${folder}/disk.qcow2`);
  await node.bundle.run(["chown", "-R", "libvirt-qemu:libvirt-qemu", inNode]);
  const xml = domainXml(name, inNode, (await acceleration(quiet, "auto")) === "kvm" ? "kvm" : "qemu");
  await node.bundle.run(["sh", "-c", `cat > ${inNode}/domain.xml <<'EOF'\n${xml}\nEOF`]);
  const create = ["virsh", "--quiet", "--connect", "qemu:///system", "create", `${inNode}/domain.xml`, "--paused"];
  await node.bundle.run(create);
  return {
    name,
    folder,
    ttyS0: `${folder}/ttyS0.sock`,
    hvc0: `${folder}/hvc0.sock`,
    vnc: `${folder}/vnc.sock`,
    virsh,
    async end() {
      await virsh("destroy").catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const domainXml = (name: string, folder: string, type: "kvm" | "qemu"): string => `
  <domain type='${type}'>
    <name>${name}</name>
    <memory unit='MiB'>192</memory>
    <vcpu>1</vcpu>
    <os><type machine='q35'>hvm</type></os>
    <features><acpi/></features>
    <devices>
      <disk type='file' device='disk'>
        <driver name='qemu' type='qcow2'/>
        <source file='${folder}/disk.qcow2'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <serial type='unix'><source mode='bind' path='${folder}/ttyS0.sock'/></serial>
      <console type='unix'><source mode='bind' path='${folder}/ttyS0.sock'/><target type='serial'/></console>
      <console type='unix'><source mode='bind' path='${folder}/hvc0.sock'/><target type='virtio'/></console>
      <graphics type='vnc' sharePolicy='ignore'><listen type='socket' socket='${folder}/vnc.sock'/></graphics>
      <video><model type='vga'/></video>
      <memballoon model='virtio'/>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    </devices>
  </domain>`;
