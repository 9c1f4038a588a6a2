import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { instancePath } from "../../../api/sub-resources.ts";
import { eventually } from "../cluster.ts";
import { anInstance, Guest } from "../network/guest.ts";
import { readPng } from "./png.ts";
import { useStage } from "./stage.ts";

const stage = useStage("operations");
const { namespace } = stage;
const guest = new Guest(namespace, "web");

/** As people write it: what is usual they leave out, in lists too. */
const web = anInstance(
  "web",
  {
    networks: [{ name: "default", pod: {} }],
    volumes: [
      { name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } },
      { name: "scratch", emptyDisk: { capacity: "1Mi" } },
    ],
  },
  { disks: [{ name: "root" }], interfaces: [{ name: "default" }] },
);

beforeAll(async () => {
  await namespace.apply(web);
  await guest.ready();
});

/** What a guest that was restarted is still the same by: its object, and its QEMU. */
async function identity(): Promise<{ uid: string; phase: string; pid: string }> {
  const [uid, phase] = [await guest.field(".metadata.uid"), await guest.field(".status.phase")];
  const { bundle } = await guest.node();
  return { uid, phase, pid: await bundle.run(["cat", `/run/libvirt/qemu/${namespace.name}_web.pid`]) };
}

test.for(["softreboot", "reset"] as const)("%s boots the guest anew, in the same instance", async (operation) => {
  const bootId = (): Promise<string> => guest.sh("cat /proc/sys/kernel/random/boot_id");
  const before = await identity();
  const first = await bootId();
  const path = instancePath({ namespace: namespace.name, name: "web" }, operation);
  await namespace.kubectl("replace", `--raw=${path}`, "--filename=/dev/null");
  // An agent that goes down in the middle of a question is asked again.
  await eventually(async () => expect(await bootId()).not.toBe(first), 120_000);
  expect(await identity()).toEqual(before);
  expect(before.phase).toBe("Running");
});

test("a guest without ACPI and agent is not told to start anew, since it would not hear", async () => {
  const domain = { memory: { guest: "64Mi" }, features: { acpi: { enabled: false } } };
  const deaf = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", metadata: { name: "deaf" } };
  await namespace.apply({ ...deaf, spec: { domain, terminationGracePeriodSeconds: 0 } });
  await namespace.kubectl("wait", "vmi", "deaf", "--for=jsonpath={.status.phase}=Running", "--timeout=60s");
  const path = instancePath({ namespace: namespace.name, name: "deaf" }, "softreboot");
  await expect(namespace.kubectl("replace", `--raw=${path}`, "--filename=/dev/null")).rejects.toThrow(
    "VMI neither have the agent connected nor the ACPI feature enabled",
  );
  await namespace.kubectl("delete", "vmi", "deaf");
});

test("a screenshot that is to move the pointer moves it, and one that is not does not", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "screen-"));
  const file = join(scratch.path, "screen.png");
  await guest.sh("modprobe serio_raw && echo -n serio_raw > /sys/bus/serio/devices/serio1/drvctl");
  // The PS/2 mouse that each machine has is switched on, and says that it is.
  await guest.sh(`exec 3<>/dev/serio_raw0 && printf '\\364' >&3 && (cat <&3 >/tmp/sent 2>/dev/null &)`);
  const sent = async (): Promise<number> => Number(await guest.sh("wc -c < /tmp/sent"));
  await eventually(async () => expect(await sent()).toBe(1));
  await stage.virtOk(`vnc screenshot web --file ${file}`);
  expect(await sent()).toBe(1);
  await stage.virtOk(`vnc screenshot web --move-cursor --file ${file}`);
  expect(readPng(await readFile(file)).width).toBeGreaterThanOrEqual(640);
  // A move: no button, one to the right, none up.
  await eventually(async () => expect(await guest.sh("hexdump -ve '1/1 \"%02x \"' /tmp/sent")).toBe("fa 08 01 00 "));
});

test("a guest that is emulated says so, and one that is not does not", async () => {
  const { bundle } = await guest.node();
  const xml = await bundle.run(["virsh", "dumpxml", `${namespace.name}_web`]);
  const condition = await guest.field('.status.conditions[?(@.type=="SoftwareEmulation")].status');
  expect(condition).toBe(xml.includes("<domain type='qemu'") ? "True" : "");
});

test("an instance's spec, by which its pod was made, and the labels it is found by are nobody's to change", async () => {
  const before = await identity();
  const patched = (patch: object): Promise<string> =>
    namespace.kubectl("patch", "vmi", "web", "--type=merge", `--patch=${JSON.stringify(patch)}`);
  await expect(patched({ spec: { domain: { memory: { guest: "512Gi" } } } })).rejects.toThrow(
    "spec.domain: an instance cannot be changed",
  );
  await expect(namespace.kubectl("label", "vmi", "web", "kubevirt.io/nodeName-")).rejects.toThrow(
    "metadata.labels: kubevirt.io/nodeName: reserved for the controller",
  );
  const copy = { ...anInstance("copy"), metadata: { name: "copy", labels: { "kubevirt.io/nodeName": "node-1" } } };
  await expect(namespace.apply(copy)).rejects.toThrow("metadata.labels: kubevirt.io/nodeName: reserved");
  const sidecar = { "hooks.kubevirt.io/hookSidecars": "[]" };
  await expect(
    namespace.apply({ ...anInstance("hooked"), metadata: { name: "hooked", annotations: sidecar } }),
  ).rejects.toThrow("metadata.annotations: hooks.kubevirt.io/hookSidecars: not supported");
  // Its manifest is still what it is made of.
  await namespace.apply(web);
  await patched({ metadata: { labels: { team: "a" } }, spec: { terminationGracePeriodSeconds: 7 } });
  expect(await guest.field(".spec.terminationGracePeriodSeconds")).toBe("7");
  expect(await identity()).toEqual(before);
});

/** Whether the guest's file systems are frozen, as its agent and its status say. */
async function frozen(): Promise<[agent: string, status: string]> {
  const { bundle } = await guest.node();
  const domain = `${namespace.name}_web`;
  const command = '{"execute":"guest-fsfreeze-status"}';
  const answer = await bundle.run(["virsh", "--quiet", "qemu-agent-command", "--timeout=60", domain, command]);
  return [JSON.parse(answer).return, await guest.field(".status.fsFreezeStatus")];
}

async function quiesce(operation: "freeze" | "unfreeze", body = ""): Promise<void> {
  const path = instancePath({ namespace: namespace.name, name: "web" }, operation);
  await namespace.kubectl("replace", `--raw=${path}`, `--filename=${body === "" ? "/dev/null" : body}`);
}

/** The guest lives in memory: of its own it has nothing that can be frozen. */
const mounted = (): Promise<string> => guest.sh("mke2fs /dev/vdb > /dev/null && mount -t ext4 /dev/vdb /mnt");

test("a guest that is frozen says so until it is thawed, by who froze it or by time", async () => {
  await mounted();
  await quiesce("freeze");
  await eventually(async () => expect(await frozen()).toEqual(["frozen", "frozen"]));
  await quiesce("unfreeze");
  await eventually(async () => expect(await frozen()).toEqual(["thawed", ""]));
  await using scratch = await mkdtempDisposable(join(tmpdir(), "freeze-"));
  const body = join(scratch.path, "options");
  await writeFile(body, '{"unfreezeTimeout": "8s"}');
  await quiesce("freeze", body);
  await eventually(async () => expect(await frozen()).toEqual(["frozen", "frozen"]));
  // Whoever had it frozen has gone, and so has the daemon.
  const { bundle } = await guest.node();
  await bundle.run(["pkill", "-9", "-f", "[/]virt-node-daemon.mjs"]);
  await eventually(async () => expect(await frozen()).toEqual(["thawed", ""]), 120_000);
});

test("a guest that is started anew while it is frozen is not told of as frozen", async () => {
  await quiesce("freeze");
  await eventually(async () => expect(await frozen()).toEqual(["frozen", "frozen"]));
  const path = instancePath({ namespace: namespace.name, name: "web" }, "reset");
  await namespace.kubectl("replace", `--raw=${path}`, "--filename=/dev/null");
  await eventually(async () => expect(await frozen()).toEqual(["thawed", ""]), 120_000);
});

test("a guest that takes its time is frozen all the same, and thawed", async () => {
  const agent = "/usr/sbin/qemu-ga";
  const hook = `#!/bin/sh\\nsleep 8\\necho $1 >> /tmp/hook.log\\n`;
  await guest.sh(`printf '${hook}' > /tmp/hook && chmod 755 /tmp/hook && mv ${agent} ${agent}.real`);
  await guest.sh(
    `printf '#!/bin/sh\\nexec ${agent}.real --fsfreeze-hook=/tmp/hook "$@"' > ${agent} && chmod 755 ${agent}`,
  );
  // It is started again, after it has answered.
  await guest.sh("(sleep 1; killall qemu-ga) > /dev/null 2>&1 &");
  await eventually(async () => expect(await guest.sh("ps")).toContain("--fsfreeze-hook"));
  for (const operation of ["freeze", "unfreeze"] as const) await quiesce(operation);
  expect(await guest.sh("cat /tmp/hook.log")).toBe("freeze\nthaw\n");
});
