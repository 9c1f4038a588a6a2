import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { anInstance, Guest } from "../network/guest.ts";
import { useStage } from "./stage.ts";

const { namespace } = useStage("memory");
const guest = new Guest(namespace, "greedy");
const mebi = 1024 ** 2;

test("a guest that uses all of its memory lives within the limit that is set to it", async () => {
  const resources = { limits: { memory: "1Gi" } };
  const domain = { memory: { guest: "1Gi" }, resources, devices: { rng: {} } };
  await namespace.apply(anInstance("greedy", { domain }));
  await guest.ready();
  const { bundle } = await guest.node();
  const pid = (await bundle.run(["cat", `/run/libvirt/qemu/${namespace.name}_greedy.pid`])).trim();
  const uid = await guest.field(".metadata.uid");
  const counted = async (file: string): Promise<number> => {
    const cgroup = `/sys/fs/cgroup/memory$(sed -n 's/.*:memory://p' /proc/${pid}/cgroup)`;
    return Number(await bundle.run(["sh", "-c", `cat ${cgroup}/${file}`])) / mebi;
  };
  // What is free is taken, but for what the guest's kernel needs to go on.
  const free = Number(await guest.sh("awk '/^MemFree/ { print $2 }' /proc/meminfo")) / 1024;
  const taken = Math.floor(free - 64);
  expect(taken).toBeGreaterThan(700);
  await guest.sh(
    `mkdir -p /tmp/all && mount -t tmpfs -o size=100% tmpfs /tmp/all && dd if=/dev/zero of=/tmp/all/file bs=1M count=${taken}`,
    120_000,
  );
  await eventually(async () => expect(await counted("memory.usage_in_bytes")).toBeGreaterThan(taken + 100));
  // The kernel's tables of the guest's pages are among it.
  expect(await counted("memory.kmem.usage_in_bytes")).toBeGreaterThan(taken / 512);
  const limit = await counted("memory.limit_in_bytes");
  expect(limit).toBe(1024 + 170);
  expect(await counted("memory.max_usage_in_bytes")).toBeLessThan(limit);
  expect(await guest.sh("stat -c %s /tmp/all/file")).toBe(`${taken * mebi}\n`);
  expect(await guest.field(".metadata.uid")).toBe(uid);
  expect(await guest.field(".status.phase")).toBe("Running");
});
