import { copyFile, mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { describe, type TestContext, test } from "vitest";
import { acceleration } from "../../../cluster/acceleration.ts";
import type { Node } from "../../../cluster/cluster.ts";
import type { Guest } from "../../../cluster/images/guest/guest.ts";
import { guest, guestNames } from "../../../cluster/images/guest/guests.ts";
import { progress } from "../../../cluster/progress.ts";
import { eventually, nodes } from "../cluster.ts";

const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });
const type = (await acceleration(quiet, "auto")) === "kvm" ? "kvm" : "qemu";
const virsh = (node: Node, ...args: string[]): Promise<string> =>
  node.bundle.run(["virsh", "--quiet", "--connect", "qemu:///system", ...args]);

const domainXml = (name: string, folder: string): string => `
  <domain type='${type}'>
    <name>${name}</name>
    <memory unit='MiB'>512</memory>
    <vcpu>1</vcpu>
    <os><type machine='q35'>hvm</type></os>
    <features><acpi/></features>
    <devices>
      <disk type='file' device='disk'>
        <driver name='qemu' type='qcow2'/>
        <source file='${folder}/disk.qcow2'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <serial type='unix'><source mode='bind' path='${folder}/serial.sock'/></serial>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <memballoon model='virtio'/>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    </devices>
  </domain>`;

/** Starts a guest from its disk on a node; it is destroyed when the test is over. */
async function boot(
  node: Node,
  name: string,
  { disk }: Guest,
  onTestFinished: TestContext["onTestFinished"],
): Promise<{ serial: string }> {
  const folder = `/var/lib/libvirt/images/${name}`;
  const seen = `${await node.bundle.rootFolder()}${folder}`;
  await mkdir(seen, { recursive: true });
  await copyFile(disk, `${seen}/disk.qcow2`);
  await node.bundle.run(["chown", "-R", "libvirt-qemu:libvirt-qemu", folder]);
  onTestFinished(async () => {
    await virsh(node, "destroy", name);
    await rm(seen, { recursive: true });
  });
  const file = `/run/${name}.xml`;
  await node.bundle.run(["sh", "-c", `cat > ${file} <<'EOF'\n${domainXml(name, folder)}\nEOF`]);
  await virsh(node, "create", file);
  return { serial: `${seen}/serial.sock` };
}

/** Reads a guest's serial console until a text comes up, and returns all of it. */
async function readUntil(socketPath: string, text: string, timeout: number): Promise<string> {
  const socket = connect(socketPath);
  const signal = AbortSignal.timeout(timeout);
  signal.addEventListener("abort", () => socket.destroy(new Error(`no "${text}" within ${timeout / 1000} s`)));
  let all = "";
  for await (const chunk of socket.setEncoding("utf8")) {
    all += chunk;
    if (all.includes(text)) break;
  }
  return all;
}

describe.for(guestNames)("the guest %s", (name) => {
  test.concurrent.for(nodes)(
    "boots under the libvirt of $name to its login prompt, and its agent answers",
    { timeout: 420_000 },
    async (node, { expect, onTestFinished }) => {
      const { serial } = await boot(node, name, await guest(quiet, name), onTestFinished);
      expect(await readUntil(serial, "login:", 300_000)).toContain("login:");
      const info = await eventually(
        () => virsh(node, "qemu-agent-command", name, '{"execute":"guest-get-osinfo"}'),
        60_000,
      );
      expect(JSON.parse(info)).toHaveProperty("return.kernel-release", expect.stringContaining("cloud-amd64"));
    },
  );
});
