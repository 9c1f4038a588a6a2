import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { writeOciArchive } from "../../../cluster/images/oci-archive.ts";
import type { ClusterStatus } from "../../../cluster/status.ts";
import { versions } from "../../../cluster/versions.ts";
import { cluster, nodes } from "../cluster.ts";

interface Result {
  exitCode?: number;
  stdout: string;
  stderr: string;
}

/** Runs the command as a user does. */
async function run(...args: string[]): Promise<Result> {
  const env = { CLUSTER_NAME: cluster.name };
  return execa("node", ["cluster/main.ts", ...args], { env, reject: false });
}

test("status -o json tells of each node that it is Ready, its versions and a libvirt host uuid of its own", async () => {
  const { stdout } = await run("status", "-o", "json");
  const { controlPlane, memory, nodes: found } = JSON.parse(stdout) as ClusterStatus;
  expect(found.map(({ name, ready, kubeletVersion }) => ({ name, ready, kubeletVersion }))).toEqual([
    { name: "node-1", ready: true, kubeletVersion: `v${versions.kubernetes}` },
    { name: "node-2", ready: true, kubeletVersion: `v${versions.kubernetes}` },
  ]);
  expect(found.map(({ libvirt }) => libvirt?.libraryVersion)).toEqual([
    expect.stringMatching(/^\d/),
    expect.stringMatching(/^\d/),
  ]);
  expect(new Set(found.map(({ libvirt }) => libvirt?.hostUuid)).size).toBe(2);
  for (const component of [...controlPlane.components, ...found.flatMap(({ components }) => components)]) {
    expect(component).toMatchObject({ running: true });
  }
  expect(memory).toBeGreaterThan(100 * 1024 ** 2);
});

test("status for people has a line for each component with its memory", async () => {
  const { stdout } = await run("status");
  expect(stdout).toMatch(/^node-2: Ready, kubelet v/m);
  expect(stdout).toMatch(/^ {2}kube-apiserver +\d+\.\d MiB$/m);
});

test("the output of env makes a shell's kubectl speak with the cluster, and have our plugin", async () => {
  const { stdout } = await run("env");
  const { stdout: names } = await execa("sh", ["-c", `${stdout}\nkubectl get nodes --output=name`]);
  expect(names.split("\n")).toEqual(["node/node-1", "node/node-2"]);
  const { stdout: version } = await execa("sh", ["-c", `${stdout}\nkubectl virt version --client`]);
  expect(version).toMatch(/^Client Version: v\d/);
});

test("logs prints a component's log, of a named node when asked", async () => {
  expect((await run("logs", "kube-apiserver")).stdout).toContain("Serving securely");
  expect((await run("logs", "kubelet", "--node", "node-2")).stdout).toMatch(/node="?node-2/);
});

test("node runs a command in a node and passes its exit code on", async () => {
  expect(await run("node", "node-2", "--", "sh", "-c", "hostname; exit 3")).toMatchObject({
    stdout: "node-2",
    exitCode: 3,
  });
});

test("load puts an image archive into every node", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "load-"));
  const archive = join(scratch.path, "image.tar");
  const name = `localhost/loaded:${Date.now()}`;
  await writeOciArchive({ name, layers: [[{ path: "/file", bytes: "content" }]] }, archive);
  expect(await run("load", archive)).toMatchObject({ exitCode: 0 });
  for (const { bundle } of nodes) {
    expect(await bundle.run(["/opt/kubernetes/bin/ctr", "--namespace=k8s.io", "images", "list", "--quiet"])).toContain(
      name,
    );
  }
});

test.for([
  ["node node-7 -- true", 'error: node "node-7" not found; there are: control-plane, node-1, node-2'],
  ["logs kubelett", `error: no log of "kubelett" in cluster ${cluster.name}`],
  ["up --nodes none", "option '--nodes <count>' argument 'none' is invalid"],
  ["up --name Mine", 'error: --name: "Mine" is not a name'],
  ["load nothing.tar", 'error: image archive "nothing.tar" not found'],
  ["status -o yaml", "argument 'yaml' is invalid. Allowed choices are json"],
] as const)("cluster %s ends with 1 and says what is wrong", async ([line, message]) => {
  const { exitCode, stderr } = await run(...line.split(" "));
  expect(exitCode).toBe(1);
  expect(stderr).toContain(message);
});

test("up as another user than root says in one sentence what it needs, before it starts anything", async () => {
  const node = await execa("sh", ["-c", "command -v node"]);
  const { exitCode, stderr } = await execa(
    "setpriv",
    ["--reuid=65534", "--clear-groups", node.stdout, "cluster/main.ts", "up", "--name", "nobody"],
    { reject: false, env: { XDG_CACHE_HOME: "/nonexistent", XDG_STATE_HOME: "/nonexistent" } },
  );
  expect(exitCode).toBe(1);
  expect(stderr).toContain("error: the local cluster needs root, for namespaces, mounts and cgroups");
});
