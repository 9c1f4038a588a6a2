import { access, readdir, readFile, rm } from "node:fs/promises";
import { execa } from "execa";
import { afterEach, expect, test } from "vitest";
import { hierarchies } from "../../../cluster/cgroup.ts";
import { Cluster } from "../../../cluster/cluster.ts";
import { down } from "../../../cluster/down.ts";
import { progress } from "../../../cluster/progress.ts";
import { up } from "../../../cluster/up.ts";
import { cluster, eventually, nodes } from "../cluster.ts";

const throwaway = new Cluster(`${cluster.name}-throwaway`);
const quiet = progress({ live: false, quietBelow: Number.POSITIVE_INFINITY });

/** What a cluster could leave: of the machine's own things all, of what other clusters have as well only its own. */
async function machine(): Promise<Record<string, string[]>> {
  const ofTheMachine = async (...command: string[]): Promise<string[]> => {
    const text = await nodes[0].bundle.run(command, { network: "machine" });
    return text.split("\n").filter(Boolean);
  };
  return {
    processes: await processes(),
    cgroups: await cgroups(),
    loops: await loops(),
    mounts: (await readFile("/proc/self/mountinfo", "utf8")).trim().split("\n"),
    namespaces: await ofTheMachine("ip", "netns", "list"),
    links: await ofTheMachine("ip", "-oneline", "link"),
    addresses: await ofTheMachine("ip", "-oneline", "address"),
    routes: await ofTheMachine("ip", "route", "show", "table", "all"),
    rules: await ofTheMachine("nft", "list", "ruleset"),
  };
}

/** Processes that are in its cgroup, or were started for it. */
async function processes(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = ["cgroup", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""));
      return (await Promise.all(texts)).join("").includes(throwaway.name) ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

async function cgroups(): Promise<string[]> {
  const roots = (await hierarchies()).map(({ mountpoint }) => mountpoint);
  // Pods of the other clusters begin and end while it looks.
  const { stdout } = await execa("find", [...roots, "-ignore_readdir_race", "-name", throwaway.name]);
  return stdout.split("\n").filter(Boolean);
}

async function loops(): Promise<string[]> {
  const names = (await readdir("/sys/block")).filter((name) => name.startsWith("loop"));
  const files = names.map((name) => readFile(`/sys/block/${name}/loop/backing_file`, "utf8").catch(() => ""));
  return (await Promise.all(files)).filter((file) => file.includes(throwaway.name));
}

// A test that fails half-way leaves the next one nothing.
afterEach(() => down(throwaway, quiet));

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

test("an up that is killed half-way is mended by the next, and down leaves nothing of it", {
  timeout: 300_000,
}, async () => {
  const before = await machine();
  for (const until of ["machines", "etcd", "kube-apiserver", "kubelet"]) {
    const half = execa("node", ["cluster/main.ts", "up", "--name", throwaway.name], { all: true, reject: false });
    for await (const line of half.iterable({ from: "all" })) {
      if (!line.includes(until)) continue;
      half.kill("SIGKILL");
      break;
    }
    await half;
  }
  await up(throwaway, { nodes: 1 }, quiet);
  expect(await throwaway.kubectl(["get", "nodes", "--no-headers"])).toMatch(/^node-1 +Ready/);
  const during = await machine();
  expect(during.processes!.length).toBeGreaterThan(10);
  expect(during.cgroups!.length).toBe((await hierarchies()).length);
  expect(during.loops!.length).toBe(2);
  for (const own of ["mounts", "links", "addresses", "routes", "rules"]) {
    expect(during[own], `${own} of the machine while a cluster runs`).toEqual(before[own]);
  }
  await down(throwaway, quiet);
  await eventually(async () => expect(await machine()).toEqual(before));
  await expect(access(throwaway.folder)).rejects.toMatchObject({ code: "ENOENT" });
});
