import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { guestKernel } from "../../cluster/images/guest/guests.ts";
import type { Layer } from "../../cluster/images/layer.ts";
import { writeOciArchive } from "../../cluster/images/oci-archive.ts";
import { loadArchive } from "../../cluster/node-images.ts";
import { progress } from "../../cluster/progress.ts";
import { eventually } from "../cluster.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("images");
const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

/** Brings an image of one layer to the node. */
async function load(name: string, layer: Layer): Promise<void> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "image-"));
  const archive = join(scratch.path, "image.tar");
  await writeOciArchive({ name, layers: [layer] }, archive);
  await loadArchive(machines.node, archive);
}

const kernelImage = "localhost/tiny-kernel:latest";

beforeAll(async () => {
  const { kernel, initrd } = await quiet.step("kernel", (step) => guestKernel(step, "tiny"));
  await load(kernelImage, [
    { path: "/boot/vmlinuz", file: kernel, mode: 0o600 },
    { path: "/boot/initrd", file: initrd },
    { path: "/boot/link", link: "/boot/vmlinuz" },
  ]);
});

/** A machine that starts a kernel out of an image, and has no disk. */
const booting = (name: string, container: object): object => {
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
  return machines.machine(name, [], { domain, volumes: [] });
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
