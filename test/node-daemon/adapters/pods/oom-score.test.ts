import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NodePods } from "../../../../node-daemon/adapters/pods/node-pods.ts";
import { inNamespace } from "../../in-namespace.ts";

const scoreOf = (pid: number): string => `/proc/${pid}/oom_score_adj`;

/** A process that waits to be killed. */
async function aProcess(score?: number): Promise<{ pid: number } & Disposable> {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const { pid = 0 } = child;
  if (score !== undefined) await writeFile(scoreOf(pid), String(score));
  return { pid, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

test("QEMU is as near to being killed for want of memory as its pod", async () => {
  await using cgroup = await mkdtempDisposable(join(tmpdir(), "oom-score-"));
  using hold = await aProcess(873);
  using qemu = await aProcess();
  const container = { pid: hold.pid, cgroups: [cgroup.path], askedToEnd: false };
  await new NodePods().adopt(container, qemu.pid);
  expect(await readFile(scoreOf(qemu.pid), "utf8")).toBe("873\n");
  expect(await readFile(join(cgroup.path, "cgroup.procs"), "utf8")).toBe(String(qemu.pid));
});

test("a score that the kernel does not let anybody lower keeps QEMU out of no pod", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "oom-score-"));
  await mkdir(join(root.path, "11"));
  await writeFile(join(root.path, "11/oom_score_adj"), "-997\n");
  // Root of a user namespace has no right to the machine's resources.
  const output = await inNamespace(
    `ln -s /proc/$$ ${root.path}/12`,
    `
    import { readFile } from "node:fs/promises";
    import { NodePods } from "@/node-daemon/adapters/pods/node-pods.ts";

    const told = [];
    const pods = new NodePods({ proc: "${root.path}", log: (level, _, { score, error }) => told.push({ level, score, code: error.code }) });
    await pods.adopt({ pid: 11, cgroups: ["${root.path}"], askedToEnd: false }, 12);
    const score = await readFile("/proc/self/oom_score_adj", "utf8");
    const adopted = await readFile("${root.path}/cgroup.procs", "utf8");
    console.log(JSON.stringify({ told, score: Number(score), adopted }));
  `,
  );
  expect(JSON.parse(output)).toEqual({
    told: [{ level: "debug", score: "-997", code: "EACCES" }],
    score: Number(await readFile("/proc/self/oom_score_adj", "utf8")),
    adopted: "12",
  });
});
