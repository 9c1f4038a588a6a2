import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containerDiskImage } from "../../../../api/contract/placeholder-images.ts";
import { NodePods } from "../../../../node-daemon/adapters/pods/node-pods.ts";
import { inNamespace, noWatches } from "../../in-namespace.ts";

const uid = "e5bc59ac-9f5e-44a1-81e6-f912ea3d439c";
const slice = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll("-", "_")}.slice`;
const terminationLog = `1 1 254:0 /kubelet/pods/${uid}/containers/compute/a1 /dev/termination-log rw - ext4 /dev/vda rw`;

let root: string;
let pods: NodePods;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "node-pods-"));
  pods = new NodePods({ cgroupRoot: join(root, "cgroup"), proc: join(root, "proc") });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function file(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** A pod as the kubelet makes it: a sandbox (process 10) and the placeholder (process 11). */
async function aPod(hierarchies: readonly string[], folder: string): Promise<void> {
  for (const hierarchy of hierarchies) {
    await file(`cgroup/${hierarchy}/${folder}/sandbox/cgroup.procs`, "10\n");
    await file(`cgroup/${hierarchy}/${folder}/compute/cgroup.procs`, "11\n12\n");
  }
  await file("proc/10/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n");
  await file(
    "proc/11/mountinfo",
    `${terminationLog}
2 1 0:377 / /var/run/kubevirt/container-disks/root ro - overlay overlay rw\n`,
  );
  await file("proc/12/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n");
  await file("proc/1/mountinfo", "1 1 0:377 / /image rw - overlay overlay rw\n");
}

test("a placeholder that the kubelet asks to end shows it, whenever it is looked at", async () => {
  await aPod(["cpu"], `kubepods/burstable/pod${uid}`);
  expect((await pods.find(uid))?.askedToEnd).toBe(false);
  await file("proc/11/status", "Name:\thold\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000004000\n");
  expect((await pods.find(uid))?.askedToEnd).toBe(true);
  expect(await pods.askedToEnd()).toEqual([uid]);
  await file("proc/11/status", "Name:\thold\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000002001\n");
  expect((await pods.find(uid))?.askedToEnd).toBe(false);
  expect(await pods.askedToEnd()).toEqual([]);
});

describe("a placeholder is found", () => {
  test("in the hierarchies of cgroup v1, but not in that of devices", async () => {
    const hierarchies = ["cpu", "memory", "systemd"];
    await aPod([...hierarchies, "devices"], `kubepods/burstable/pod${uid}`);
    const container = await pods.find(uid);
    expect(container?.pid).toBe(11);
    expect(container?.cgroups).toEqual(
      hierarchies.map((name) => join(root, `cgroup/${name}/kubepods/burstable/pod${uid}/compute`)),
    );
  });

  test("in cgroup v2, and in the slices of systemd", async () => {
    await file("cgroup/cgroup.controllers", "cpu memory\n");
    await aPod(["."], slice);
    const container = await pods.find(uid);
    expect(container).toEqual({ pid: 11, cgroups: [join(root, "cgroup", slice, "compute")], askedToEnd: false });
    await file("proc/11/oom_score_adj", "2\n");
    await file("proc/4711/oom_score_adj", "2\n");
    await pods.adopt(container!, 4711);
    expect(await readFile(join(root, "cgroup", slice, "compute/cgroup.procs"), "utf8")).toBe("4711");
    expect(await pods.holds(container!, 4711)).toBe(true);
  });

  test("when it comes while it is waited for", async () => {
    await file("cgroup/cgroup.controllers", "cpu memory\n");
    await mkdir(join(root, "cgroup/kubepods/burstable"), { recursive: true });
    const found = Promise.withResolvers<void>();
    pods.await(uid, found.resolve, new AbortController().signal);
    await aPod(["."], `kubepods/burstable/pod${uid}`);
    await found.promise;
    expect(await pods.find(uid)).toMatchObject({ pid: 11 });
  });

  test("when it comes on a node that has no more watches to give", async () => {
    await file("cgroup/cgroup.controllers", "cpu memory\n");
    const folder = `kubepods/burstable/pod${uid}`;
    await mkdir(join(root, "cgroup", folder), { recursive: true });
    await file("proc/11/mountinfo", terminationLog);
    const output = await inNamespace(
      noWatches,
      `
      import { mkdir, writeFile } from "node:fs/promises";
      import { setTimeout } from "node:timers/promises";
      import { NodePods } from "@/node-daemon/adapters/pods/node-pods.ts";

      const pods = new NodePods({ cgroupRoot: "${root}/cgroup", proc: "${root}/proc" });
      const found = Promise.withResolvers();
      pods.await("${uid}", () => found.resolve("found"), AbortSignal.timeout(20_000));
      // After the first look.
      await setTimeout(100);
      await mkdir("${root}/cgroup/${folder}/compute");
      await writeFile("${root}/cgroup/${folder}/compute/cgroup.procs", "11");
      console.log(await found.promise);
    `,
    );
    expect(output).toBe("found");
  });

  test("when it comes where there were no cgroups at first", async () => {
    const found = Promise.withResolvers<void>();
    pods.await(uid, found.resolve, new AbortController().signal);
    await aPod(["memory"], `kubepods/burstable/pod${uid}`);
    await found.promise;
    expect(await pods.find(uid)).toMatchObject({ pid: 11 });
  });
});

test("nothing is found of a pod that is not there, and nobody is told of the end", async () => {
  await mkdir(join(root, "cgroup/memory"), { recursive: true });
  expect(await pods.find(uid)).toBeUndefined();
  await pods.release(uid, "Succeeded");
});

const image = (name: string) => containerDiskImage({ name, containerDisk: { image: "a" } })!;

describe("the disk image of a container disk", () => {
  const container = { pid: 11, cgroups: [], askedToEnd: false };
  beforeEach(async () => {
    await aPod(["memory"], `kubepods/burstable/pod${uid}`);
    await mkdir(join(root, "proc/1/root/image/disk"), { recursive: true });
    // The container sees the same folder.
    await mkdir(join(root, "proc/11/root/var/run/kubevirt/container-disks"), { recursive: true });
    const seen = join(root, "proc/11/root/var/run/kubevirt/container-disks/root");
    await symlink(join(root, "proc/1/root/image"), seen);
  });

  /** Where the held file is. */
  async function disk(path?: string): Promise<string> {
    await using held = await pods.imageFile(container, image("root"), path);
    return await readlink(held.path);
  }

  test("is the only file below /disk, or the named one", async () => {
    await file("proc/1/root/image/disk/a.qcow2", "");
    expect(await disk()).toBe(join(root, "proc/1/root/image/disk/a.qcow2"));
    await file("proc/1/root/image/other/b.img", "");
    expect(await disk("/other/b.img")).toBe(join(root, "proc/1/root/image/other/b.img"));
  });

  test("is in the root of a container of its own, where it is no volume", async () => {
    await file(`cgroup/memory/kubepods/burstable/pod${uid}/disk/cgroup.procs`, "20\n");
    await file(
      "proc/20/mountinfo",
      `1 1 254:0 /kubelet/pods/${uid}/containers/volume-data/b2 /dev/termination-log rw - ext4 /dev/vda rw
2 1 0:400 / / ro - overlay overlay rw\n`,
    );
    await file("proc/1/mountinfo", "1 1 0:400 / /run/disk/rootfs rw - overlay overlay rw\n");
    await file("proc/1/root/run/disk/rootfs/disk/a.img", "");
    await symlink(join(root, "proc/1/root/run/disk/rootfs"), join(root, "proc/20/root"));
    await using held = await pods.imageFile(container, image("data"), undefined);
    expect(await readlink(held.path)).toBe(join(root, "proc/1/root/run/disk/rootfs/disk/a.img"));
  });

  test("is refused where there is none, or several", async () => {
    await expect(pods.imageFile(container, image("root"), undefined)).rejects.toThrow("is empty");
    await file("proc/1/root/image/disk/a", "");
    await file("proc/1/root/image/disk/b", "");
    await expect(pods.imageFile(container, image("root"), undefined)).rejects.toThrow("several files");
    await expect(pods.imageFile(container, image("data"), undefined)).rejects.toThrow("not in the placeholder");
  });

  test("is refused where a link leads out of the image", async () => {
    await symlink("/etc/shadow", join(root, "proc/1/root/image/disk/a.qcow2"));
    await expect(disk()).rejects.toMatchObject({ cause: { message: expect.stringContaining("link") } });
    await symlink("/etc", join(root, "proc/1/root/image/etc"));
    await expect(disk("etc/shadow")).rejects.toMatchObject({ cause: { message: expect.stringContaining("link") } });
    await expect(disk("../../etc/shadow")).rejects.toMatchObject({
      cause: { message: expect.stringContaining("no path") },
    });
  });
});

test("the files of a Secret are read where the pod has it mounted", async () => {
  const container = { pid: 11, cgroups: [], askedToEnd: false };
  await file("proc/11/mountinfo", "1 1 0:9 / /var/run/kubevirt/files/seed ro - tmpfs tmpfs rw\n");
  await file("proc/1/mountinfo", "1 1 0:9 / /kubelet/seed rw - tmpfs tmpfs rw\n");
  await file("proc/1/root/kubelet/seed/..v1/userdata", "#!");
  await symlink("..v1", join(root, "proc/1/root/kubelet/seed/..data"));
  // The container sees the same folder.
  await mkdir(join(root, "proc/11/root/var/run/kubevirt/files"), { recursive: true });
  await symlink(join(root, "proc/1/root/kubelet/seed"), join(root, "proc/11/root/var/run/kubevirt/files/seed"));
  expect(await pods.files(container, "seed")).toEqual(new Map([["userdata", Buffer.from("#!")]]));
  await expect(pods.files(container, "other")).rejects.toThrow('volume "other" is not mounted');
});

test("the files of another folder are not read, wherever a link in the container leads", async () => {
  const container = { pid: 11, cgroups: [], askedToEnd: false };
  await file("proc/11/mountinfo", "1 1 0:9 / /var/run/kubevirt/files/seed ro - tmpfs tmpfs rw\n");
  await file("proc/1/mountinfo", "1 1 0:9 / /kubelet/seed rw - tmpfs tmpfs rw\n");
  await mkdir(join(root, "proc/1/root/kubelet/seed"), { recursive: true });
  await file("elsewhere/..v1/userdata", "#!");
  await symlink("..v1", join(root, "elsewhere/..data"));
  await mkdir(join(root, "proc/11/root/var/run/kubevirt/files"), { recursive: true });
  await symlink(join(root, "elsewhere"), join(root, "proc/11/root/var/run/kubevirt/files/seed"));
  await expect(pods.files(container, "seed")).rejects.toThrow("is not mounted in the placeholder pod");
});

test.for([
  ["a volume of a pod", `/kubelet/pods/other/volumes/kubernetes.io~empty-dir/v/pods/${uid}/containers/compute/a1`],
  ["a deeper folder", `/kubelet/pods/${uid}/containers/compute/a1/b2`],
])("a process whose file for last words lies in %s belongs to no container", async ([, path]) => {
  await aPod(["memory"], `kubepods/burstable/pod${uid}`);
  await file("proc/11/mountinfo", `1 1 254:0 ${path} /dev/termination-log rw - ext4 /dev/vda rw\n`);
  expect(await pods.find(uid)).toBeUndefined();
});

test("a node whose disk is mounted at the kubelet's folder of pods has containers as others have", async () => {
  await aPod(["memory"], `kubepods/burstable/pod${uid}`);
  await file(
    "proc/11/mountinfo",
    `1 1 254:16 /${uid}/containers/compute/a1 /dev/termination-log rw - ext4 /dev/vdb rw\n`,
  );
  expect(await pods.find(uid)).toMatchObject({ pid: 11 });
});
