import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, expect, test } from "vitest";
import { guestKernel } from "../../../cluster/images/guest/guests.ts";
import { guestTools, runIn } from "../../../cluster/images/guest/tools.ts";
import type { Layer } from "../../../cluster/images/layer.ts";
import { writeOciArchive } from "../../../cluster/images/oci-archive.ts";
import { imagesOf, loadMissing } from "../../../cluster/node-images.ts";
import { progress } from "../../../cluster/progress.ts";
import { eventually } from "../cluster.ts";
import { useFolder } from "../network/folder.ts";
import { useMachines } from "./machines.ts";
import { Registry } from "./registry.ts";

const machines = useMachines("images");
const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

const kernelImage = "localhost/tiny-kernel:latest";
const disksImage = "localhost/disks:latest";

/** Writes an image of one layer, and brings it to the node unless it is to come from elsewhere. */
async function make(name: string, layer: Layer, archive: string): Promise<void> {
  await writeOciArchive({ name, layers: [layer] }, archive);
  if (name.startsWith("localhost/")) await loadMissing(machines.node, await imagesOf(machines.node), name, archive);
}

/** Disks that tell their names, such as name other files, and one that a machine would start and stay in for ever. */
const makeDisks = `cd /mnt
for name in one two; do echo $name > $name.raw; truncate -s 1M $name.raw; done
qemu-img convert -O qcow2 two.raw two.qcow2
qemu-img create -q -u -f qcow2 -F raw -b /etc/shadow backed.qcow2 1M
qemu-img create -q -f qcow2 -o data_file=data,data_file_raw=on outside.qcow2 1M
{ printf '\\353\\376'; head -c 508 /dev/zero; printf '\\125\\252'; } > endless.raw; truncate -s 1M endless.raw`;

const folder = useFolder();

beforeAll(async () => {
  const { kernel, initrd } = await quiet.step("kernel", (step) => guestKernel(step, "tiny"));
  await make(
    kernelImage,
    [
      { path: "/boot/vmlinuz", file: kernel, mode: 0o600 },
      { path: "/boot/initrd", file: initrd },
      { path: "/boot/link", link: "/boot/vmlinuz" },
    ],
    join(folder.path, "kernel.tar"),
  );
  await runIn(await quiet.step("tools", guestTools), folder.path, "sh", ["-ec", makeDisks]);
  const disks = ["one.raw", "two.qcow2", "backed.qcow2", "outside.qcow2", "endless.raw"];
  await make(
    disksImage,
    disks.map((name) => ({ path: `/disk/${name}`, file: join(folder.path, name) })),
    join(folder.path, "disks.tar"),
  );
});

/** A volume of the image with disks. */
const ofDisks = (name: string, containerDisk: object = {}): object => ({
  name,
  containerDisk: { image: disksImage, imagePullPolicy: "Never", ...containerDisk },
});

test("one image may hold several disks, raw ones too, and guests do not change it", async () => {
  const volumes = [ofDisks("one", { path: "/disk/one.raw" }), ofDisks("two", { path: "/disk/two.qcow2" })];
  await machines.apply(machines.machine("first", volumes), machines.machine("second", volumes));
  for (const name of ["first", "second"]) {
    await machines.until(name, "Running");
    const read = "head -n 1 /dev/vdb; head -n 1 /dev/vdc; cat /sys/block/vdb/size";
    expect(await machines.inGuest(name, `${read}; echo changed > /dev/vdb; sync`)).toBe("one\ntwo\n2048");
  }
  await machines.remove("first", "second");
});

test("disks are on the bus, with the serial number and in the order for starting that the spec says", async () => {
  const disks = [
    { name: "endless", serial: "END-1" },
    { name: "root", disk: { bus: "sata" }, bootOrder: 1 },
    { name: "one", disk: { bus: "scsi" }, serial: "ONE-2" },
    { name: "two", cdrom: { bus: "scsi" } },
  ];
  const volumes = ["endless.raw", "one.raw", "two.qcow2"].map((file) =>
    ofDisks(file.replace(/\..*/, ""), { path: `/disk/${file}` }),
  );
  const domain = { memory: { guest: "160Mi" }, devices: { disks } };
  await machines.apply(machines.machine("buses", volumes, { domain }));
  await machines.until("buses", "Running");
  // Its kernel, which has no driver of SATA, was read from there.
  const guest = (script: string): Promise<string> => machines.inGuest("buses", script);
  expect(await guest("grep -l 0x010601 /sys/bus/pci/devices/*/class | wc -l; cd /sys/block; echo *")).toBe(
    "1\nsda sr0 vda",
  );
  expect(await guest("cat /sys/block/vda/serial; tail -c +5 /sys/block/sda/device/vpd_pg80")).toBe("END-1ONE-2");
  expect(await guest("head -n 1 /dev/sda; head -n 1 /dev/sr0")).toBe("one\ntwo");
  await machines.remove("buses");
});

test("an image that names other files is refused, as is one whose disk is not told from others", async () => {
  const refusals = {
    backed: [{ path: "/disk/backed.qcow2" }, "its image has a backing file, which is refused"],
    outside: [{ path: "/disk/outside.qcow2" }, "its image has an external data file, which is refused"],
    several: [{}, '"/disk" of its image has several files; containerDisk.path is to name one'],
    none: [{ path: "/disk/none" }, 'its image has no file "/disk/none"'],
  } as const;
  await machines.apply(
    ...Object.entries(refusals).map(([name, [of]]) => machines.machine(name, [ofDisks("data", of)])),
  );
  for (const [name, [, words]] of Object.entries(refusals)) {
    const told = await machines.condition(name, "Synchronized", `volume "data": ${words}`);
    expect(told).toMatchObject({ status: "False" });
  }
  await machines.remove(...Object.keys(refusals));
});

test("an image is pulled with its secret and by its policy, and the kubelet's words tell why it is not", async () => {
  const layout = join(folder.path, "layout");
  await make("one", [{ path: "/disk/disk.img", file: join(folder.path, "one.raw") }], join(folder.path, "one.tar"));
  await mkdir(layout);
  await execa("tar", ["--extract", `--directory=${layout}`, `--file=${join(folder.path, "one.tar")}`]);
  await using registry = await Registry.start(machines.node, layout, 5005, "me:open sesame");
  const image = "127.0.0.1:5005/private/one:1";
  const login = async (name: string, password: string): Promise<void> => {
    const account = ["--docker-server=127.0.0.1:5005", "--docker-username=me", `--docker-password=${password}`];
    await machines.namespace.kubectl("create", "secret", "docker-registry", name, ...account);
  };
  await login("right", "open sesame");
  await login("wrong", "guess");
  const disk = (name: string, more: object): object => machines.machine(name, [ofDisks("data", { image, ...more })]);
  await machines.apply(
    disk("let-in", { imagePullSecret: "right", imagePullPolicy: "Always" }),
    disk("kept-out", { imagePullSecret: "wrong", imagePullPolicy: "Always" }),
    disk("without", { imagePullPolicy: "Never", image: "127.0.0.1:5005/private/other:1" }),
  );
  await machines.until("let-in", "Running");
  expect(await machines.inGuest("let-in", "head -n 1 /dev/vdb")).toBe("one");
  expect(registry.requests).toMatch(/(GET|HEAD) \/v2\/private\/one\/manifests\/\S+ 200/);
  expect(await machines.condition("kept-out", "Ready", "401 Unauthorized")).toMatchObject({ status: "False" });
  await machines.condition("without", "Ready", "is not present with pull policy of Never");
  await machines.remove("let-in", "kept-out", "without");
});

/** A machine that starts a kernel out of an image, and has no disk. */
const booting = (name: string, container: object, volumes: readonly object[] = []): object => {
  const image = {
    image: kernelImage,
    imagePullPolicy: "Never",
    kernelPath: "/boot/vmlinuz",
    initrdPath: "/boot/initrd",
  };
  const kernelBoot = {
    container: { ...image, ...container },
    kernelArgs: "console=ttyS0,115200 no_timer_check greeting=hello",
  };
  const domain = { memory: { guest: "160Mi" }, devices: {}, firmware: { kernelBoot } };
  return machines.machine(name, [], { domain, volumes });
};

test("a kernel out of an image is started with the arguments that are given", async () => {
  await machines.apply(booting("kernel", {}));
  await machines.until("kernel", "Running");
  expect(await machines.inGuest("kernel", "cat /proc/cmdline; ls /sys/block")).toBe(
    "console=ttyS0,115200 no_timer_check greeting=hello",
  );
  await machines.apply(booting("link", { kernelPath: "/boot/link" }), booting("none", { initrdPath: "/boot/none" }));
  const refused = 'spec.domain.firmware.kernelBoot: "/boot/link" in its image: is or follows a link, which is refused';
  expect(await machines.condition("link", "Synchronized", refused)).toMatchObject({ status: "False" });
  await machines.condition("none", "Synchronized", 'kernelBoot: its image has no file "/boot/none"');
  await machines.remove("kernel", "link", "none");
  await eventually(async () => expect(await machines.daemon.sh("ls /var/lib/kubevirt-node")).toBe(""));
});

test("a machine that is deleted after its daemon was killed while it took the kernel leaves nothing", async () => {
  const { daemon, namespace } = machines;
  const before = await machines.nodeState();
  const killed = machines.killDaemonAt("disks/ephemeral/initrd*");
  await machines.apply(booting("killed", {}));
  await killed;
  await namespace.kubectl("delete", "vm", "killed", "--wait=false");
  await daemon.kill();
  await daemon.start();
  await namespace.kubectl("wait", "vm", "killed", "--for=delete", "--timeout=90s");
  await eventually(async () => expect(await machines.nodeState()).toBe(before));
});

test("where images cannot be volumes they are containers, though there is no program in them", async () => {
  const { controller, namespace, daemon } = machines;
  await controller.end();
  controller.start("--container-disks=HoldContainer");
  const absent = ofDisks("data", { image: "localhost/absent:1" });
  await machines.apply(
    booting("bare", {}, [ofDisks("data", { path: "/disk/two.qcow2" })]),
    machines.machine("waits", [absent]),
  );
  await machines.until("bare", "Running");
  expect(await machines.inGuest("bare", "head -n 1 /dev/vda; cat /proc/cmdline")).toContain("two\nconsole=ttyS0");
  const pods = ["get", "pod", "--selector=vm.kubevirt.io/name=bare"];
  const names = await namespace.kubectl(...pods, "--output=jsonpath={.items[*].spec.containers[*].name}");
  expect(names).toBe("volume-data kernel-boot compute");
  const told = await machines.condition("waits", "Ready", "is not present with pull policy of Never");
  expect(told).toMatchObject({ status: "False" });
  // The pod ends with its machine: none of its containers stays.
  await namespace.kubectl("patch", "vm", "bare", "--type=merge", '--patch={"spec":{"runStrategy":"Once"}}');
  await machines.startInGuest("bare", "poweroff");
  const phase = (): Promise<string> => namespace.kubectl(...pods, "--output=jsonpath={.items[*].status.phase}");
  await eventually(async () => expect(await phase()).toBe("Succeeded"));
  await machines.remove("bare", "waits");
  await eventually(async () => expect(await daemon.sh("ls /var/lib/kubevirt-node")).toBe(""));
});
