import { afterAll, expect, test } from "vitest";
import { running, start } from "../../../cluster/component.ts";
import { nodeComponents } from "../../../cluster/node.ts";
import { eventually } from "../cluster.ts";
import { useMachines } from "../storage/machines.ts";

const machines = useMachines("less-confined");
const { daemon, node, namespace } = machines;
const libvirtd = nodeComponents(node).find(({ name }) => name === "libvirtd")!;
const configuration = "/etc/libvirt/qemu.conf";

/** Starts libvirt anew, with other lines in its configuration of QEMU. */
async function libvirtWith(change: string): Promise<void> {
  await daemon.sh(`[ -e ${configuration}.kept ] || cp ${configuration} ${configuration}.kept
    sed '${change}' ${configuration}.kept > ${configuration}`);
  process.kill((await running(node.bundle, libvirtd))!.pid, "SIGTERM");
  await eventually(async () => expect(await running(node.bundle, libvirtd)).toBeUndefined());
  await start(node.bundle, libvirtd);
}

afterAll(async () => {
  await libvirtWith("");
  await daemon.sh(`rm ${configuration}.kept`);
});

test.for([
  [
    "filters no system calls",
    "s/^seccomp_sandbox.*/seccomp_sandbox = 0/",
    "set seccomp_sandbox = 1 in /etc/libvirt/qemu.conf",
  ],
  [
    "shows QEMU all devices",
    "s/^namespaces.*/namespaces = []/",
    'set namespaces = [ "mount" ] in /etc/libvirt/qemu.conf',
  ],
])("no guest runs where libvirt %s; it does once that is mended", async ([what, change, words]) => {
  await libvirtWith(change!);
  const name = what!.replaceAll(" ", "-").toLowerCase();
  await machines.apply(machines.machine(name, []));
  const told = await machines.condition(name, "Synchronized", "QEMU is not confined on this node");
  expect(told).toMatchObject({ status: "False", message: expect.stringContaining(words!) });
  expect(await daemon.sh(`virsh domstate ${namespace.name}_${name}`)).toMatch(/shut off|paused/);
  expect((await machines.read(name)).status?.phase).not.toBe("Running");
  await libvirtWith("");
  await machines.until(name, "Running");
  await machines.remove(name);
});
