import { access, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { hierarchies } from "../../cluster/cgroup.ts";
import { Cluster } from "../../cluster/cluster.ts";
import { down } from "../../cluster/down.ts";
import { findProcess } from "../../cluster/process.ts";
import { progress } from "../../cluster/progress.ts";
import { up } from "../../cluster/up.ts";
import { cluster, eventually, nodes } from "../cluster.ts";

const throwaway = new Cluster(`${cluster.name}-throwaway`);
const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

/** What the cluster could leave on the machine, each thing by a name that stays the same while it is there. */
async function machine(): Promise<Record<string, string[]>> {
  const ofTheMachine = async (...command: string[]): Promise<string[]> => {
    const text = await nodes[0].bundle.run(command, { network: "machine" });
    return text.split("\n").filter(Boolean);
  };
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const processes = (await Promise.all(pids.map(findProcess))).filter((found) => found !== undefined);
  const cgroups = await Promise.all(
    (await hierarchies()).map(async ({ mountpoint }) =>
      (await readdir(mountpoint, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  );
  return {
    // The test runner's own and short-lived helpers come and go.
    processes: processes
      .filter(({ args }) => args.join(" ").includes(throwaway.name))
      .map(({ args }) => args.join(" ")),
    programs: processes
      .map(({ program }) => program)
      .filter((program) => /kube|etcd|containerd|virt|hold/.test(program))
      .toSorted(),
    mounts: (await readFile("/proc/self/mountinfo", "utf8")).trim().split("\n"),
    namespaces: await ofTheMachine("ip", "netns", "list"),
    links: await ofTheMachine("ip", "-oneline", "link"),
    addresses: await ofTheMachine("ip", "-oneline", "address"),
    routes: await ofTheMachine("ip", "route", "show", "table", "all"),
    rules: await ofTheMachine("nft", "list", "ruleset"),
    cgroups: cgroups
      .flat()
      .filter((path) => !path.includes(`/${cluster.name}/`))
      .toSorted(),
    loops: await loops(),
  };
}

async function loops(): Promise<string[]> {
  const names = (await readdir("/sys/block")).filter((name) => name.startsWith("loop"));
  const files = await Promise.all(
    names.map((name) => readFile(`/sys/block/${name}/loop/backing_file`, "utf8").catch(() => "")),
  );
  return files.filter(Boolean).toSorted();
}

test("down leaves no process, mount, link, address, route, rule, cgroup, loop device or state behind", async () => {
  const before = await machine();
  await up(throwaway, { nodes: 1 }, quiet);
  const during = await machine();
  expect(during.programs!.length).toBeGreaterThan(before.programs!.length + 8);
  expect(during.cgroups!.length).toBeGreaterThan(before.cgroups!.length);
  expect(during.loops!.length).toBeGreaterThan(before.loops!.length);
  for (const own of ["mounts", "links", "addresses", "routes", "rules"]) {
    expect(during[own], `${own} of the machine while a cluster runs`).toEqual(before[own]);
  }
  await down(throwaway, quiet);
  await eventually(async () => expect(await machine()).toEqual(before));
  await expect(access(throwaway.folder)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a state folder that is removed under a running cluster is no obstacle to up, nor to down", async () => {
  const before = await machine();
  await up(throwaway, { nodes: 1 }, quiet);
  await rm(throwaway.folder, { recursive: true, maxRetries: 20 });
  await up(throwaway, { nodes: 1 }, quiet);
  expect(await throwaway.kubectl(["get", "nodes", "--no-headers"])).toMatch(/^node-1 +Ready/);
  // The kubelet goes on writing into it meanwhile.
  await rm(throwaway.folder, { recursive: true, maxRetries: 20 });
  await down(throwaway, quiet);
  await eventually(async () => expect(await machine()).toEqual(before));
});

test("down of a cluster that is not there is fine", async () => {
  await expect(down(throwaway, quiet)).resolves.toBeUndefined();
});

test("an up that is killed half-way is mended by the next, and down removes it", { timeout: 300_000 }, async () => {
  const before = await machine();
  for (const until of ["machines", "etcd", "kube-apiserver", "kubelet"]) {
    const half = execa("node", ["test/cluster/main.ts", "up", "--name", throwaway.name], { all: true, reject: false });
    for await (const line of half.iterable({ from: "all" })) {
      if (line.includes(until)) break;
    }
    half.kill("SIGKILL");
    await half;
  }
  await up(throwaway, { nodes: 1 }, quiet);
  expect(await throwaway.kubectl(["get", "nodes", "--no-headers"])).toMatch(/^node-1 +Ready/);
  await down(throwaway, quiet);
  await eventually(async () => expect(await machine()).toEqual(before));
});
