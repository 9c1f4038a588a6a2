import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { anInstance } from "./hand-over.ts";
import { useDaemon } from "./stage.ts";

const namespace = "full-disk";
const stage = useDaemon(namespace);
const { node, daemon, name, run, phase, condition, noCondition, domainOf, consoleOf, remove, nothingIsLeft } = stage;

const stateFolder = "/var/lib/kubevirt-node";
/** Where the kubelet has the volumes of pods. */
const podsFolder = "/var/lib/kubelet/pods";
const smallDisk = "/mnt/small-disk";

/** Has a folder be on a disk of its own, as small as it is said. */
async function onSmallDisk(folder: string, size: string, act: () => Promise<void>): Promise<void> {
  await daemon.kill();
  const [disk, place] = [smallDisk, `${smallDisk}${folder}`];
  // Not the disk itself: by its path on the disk, too, the kubelet's folder is known.
  await daemon.sh(`mkdir -p ${disk} ${folder} && mount -t tmpfs -o size=${size} tmpfs ${disk}
    mkdir -m 711 -p ${place} && mount --bind ${place} ${folder}`);
  try {
    await daemon.start();
    await act();
    await eventually(nothingIsLeft);
  } finally {
    await daemon.kill();
    await daemon.sh(`umount --lazy ${folder} ${disk}; rmdir ${disk}`);
  }
}

test("a guest that writes to a full disk is paused and says so, and goes on when there is room", async () => {
  await onSmallDisk(podsFolder, "24m", async () => {
    const volumes = [
      { name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "IfNotPresent" } },
      { name: "data", emptyDisk: { capacity: "64Mi" } },
    ];
    const instance = await run(anInstance(name(), namespace, { volumes }));
    await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
    const fill = { path: "/bin/sh", arg: ["-c", "dd if=/dev/urandom of=/dev/vdb bs=1M"] };
    const command = JSON.stringify({ execute: "guest-exec", arguments: fill });
    await eventually(async () => daemon.sh(`virsh qemu-agent-command ${domainOf(instance)} '${command}'`));
    await condition(instance, "Paused", { status: "True", reason: "PausedIOError" });
    await condition(instance, "Ready", { status: "False" });
    // The daemon looks for room, and lets the guest go on.
    await daemon.sh(`mount -o remount,size=128m ${smallDisk}`);
    await noCondition(instance, "Paused");
    await condition(instance, "Ready", { status: "True" });
    await remove(instance);
    await phase(instance, "Succeeded");
  });
});

test("an instance for which there is no room says so, and runs when there is", async () => {
  await onSmallDisk(stateFolder, "4m", async () => {
    await daemon.sh(`dd if=/dev/zero of=${stateFolder}/.filler bs=4k 2>/dev/null || true`);
    const instance = anInstance(name(), namespace);
    await stage.controller.run(instance, node.name);
    const message = expect.stringMatching(/no space left on device/i);
    await condition(instance, "Synchronized", { status: "False", reason: "SyncFailed", message });
    await daemon.sh(`rm ${stateFolder}/.filler`);
    await phase(instance, "Running");
    await noCondition(instance, "Synchronized");
    await remove(instance);
    await phase(instance, "Succeeded");
  });
});
