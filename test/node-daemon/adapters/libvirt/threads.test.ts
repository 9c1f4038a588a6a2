import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LibvirtThreads } from "../../../../node-daemon/adapters/libvirt/threads.ts";

test("libvirt's threads of our guests give way to others, and no other of its threads does", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "libvirt-threads-"));
  const children = [spawn("sleep", ["60"]), spawn("sleep", ["60"])];
  try {
    await Promise.all(children.map((child) => once(child, "spawn")));
    const [ours = 0, theirs = 0] = children.map(({ pid }) => pid);
    const gone = 2 ** 22 - 1;
    const task = async (number: number, name: string): Promise<void> => {
      await mkdir(join(root.path, `77/task/${number}`), { recursive: true });
      await writeFile(join(root.path, `77/task/${number}/comm`), `${name}\n`);
    };
    // The kernel keeps 15 bytes of a name.
    await task(ours, "vm-default_my-l");
    await task(theirs, "vm-default_your");
    await task(gone, "vm-default_my-l");
    await mkdir(join(root.path, "1/root/run"), { recursive: true });
    await writeFile(join(root.path, "1/root/run/virtqemud.pid"), "77\n");
    // Tests may themselves give way to others, but less.
    const usual = getPriority(theirs);
    expect(usual).toBeLessThan(10);
    const threads = new LibvirtThreads({ domains: () => ["default_my-longer-name"], proc: root.path });
    await threads.lowerPriority();
    expect([getPriority(ours), getPriority(theirs)]).toEqual([10, usual]);
    await threads.lowerPriority();
    expect(getPriority(ours)).toBe(10);
  } finally {
    for (const child of children) child.kill();
  }
});
