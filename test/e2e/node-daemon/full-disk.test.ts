import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { anInstance } from "./hand-over.ts";
import { useDaemon } from "./stage.ts";

const namespace = "full-disk";
const stage = useDaemon(namespace);
const { node, daemon, name, run, phase, condition, noCondition, domainOf, consoleOf, remove, nothingIsLeft } = stage;

const folder = "/var/lib/kubevirt-node";

/** Has the daemon keep instances on a disk of its own, as small as it is said. */
async function onSmallDisk(size: string, act: () => Promise<void>): Promise<void> {
  await daemon.kill();
  await daemon.sh(`mkdir -p ${folder} && mount -t tmpfs -o size=${size},mode=0711 tmpfs ${folder}`);
  try {
    await daemon.start();
    await act();
    await eventually(nothingIsLeft);
  } finally {
    await daemon.kill();
    await daemon.sh(`umount ${folder}`);
  }
}

test("a guest that writes to a full disk is paused and says so, and goes on when there is room", async () => {
  await onSmallDisk("24m", async () => {
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
    await daemon.sh(`mount -o remount,size=128m ${folder}`);
    await noCondition(instance, "Paused");
    await condition(instance, "Ready", { status: "True" });
    await remove(instance);
    await phase(instance, "Succeeded");
  });
});

test("an instance for which there is no room says so, and runs when there is", async () => {
  await onSmallDisk("4m", async () => {
    await daemon.sh(`dd if=/dev/zero of=${folder}/.filler bs=4k 2>/dev/null || true`);
    const instance = anInstance(name(), namespace);
    await stage.controller.run(instance, node.name);
    const message = expect.stringMatching(/no space left on device/i);
    await condition(instance, "Synchronized", { status: "False", reason: "SyncFailed", message });
    await daemon.sh(`rm ${folder}/.filler`);
    await phase(instance, "Running");
    await noCondition(instance, "Synchronized");
    await remove(instance);
    await phase(instance, "Succeeded");
  });
});
