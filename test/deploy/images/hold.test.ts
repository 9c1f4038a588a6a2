import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const build = join(import.meta.dirname, "../../../deploy/images/hold/build.sh");
let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hold-"));
  program = join(folder, "hold");
  await execa(build, [program]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 5 });

/** A field of /proc/PID/status. */
async function field(pid: number, name: string): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)![1]!;
}

const sigterm = 1n << 14n;

/** The number of the system call in which a program waits for signals; its third argument is the time limit. */
const rtSigtimedwait = process.arch === "arm64" ? "137" : "128";

const holds = (pid: number) =>
  eventually(async () => {
    expect(await field(pid, "Name")).toBe("hold");
    expect(BigInt(`0x${await field(pid, "SigBlk")}`) & sigterm).toBe(sigterm);
  });

/** Starts a command, killed when the test ends. */
function started(file: string, ...args: string[]) {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  return {
    pid: child.pid!,
    stdout: child.stdout,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

describe("hold", () => {
  it.each([
    ["SIGUSR1", 0],
    ["SIGUSR2", 1],
  ])("ends on %s with code %i", async (signal, code) => {
    await using hold = started(program);
    await holds(hold.pid);
    process.kill(hold.pid, signal);
    expect(await hold.ended).toEqual([code, null]);
  });

  it("outlives every request to end, and still ends when told how its machine ended", async () => {
    await using hold = started(program);
    await holds(hold.pid);
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGALRM"]) {
      process.kill(hold.pid, signal);
    }
    process.kill(hold.pid, "SIGUSR1");
    expect(await hold.ended).toEqual([0, null]);
  });

  it("obeys as process 1 of a PID namespace, which a container makes it", async () => {
    await using namespace = started("unshare", "--pid", "--fork", "--kill-child", program);
    let pid = 0;
    await eventually(async () => {
      const children = await readFile(`/proc/${namespace.pid}/task/${namespace.pid}/children`, "utf8");
      pid = Number(children);
      expect(pid).toBeGreaterThan(0);
    });
    await holds(pid);
    expect((await field(pid, "NSpid")).split("\t").at(-1)).toBe("1");
    process.kill(pid, "SIGTERM");
    process.kill(pid, "SIGUSR2");
    expect(await namespace.ended).toEqual([1, null]);
  });

  it("reaps its children, also those that ended before it began", async () => {
    await using hold = started("sh", "-c", `sleep 0 & first=$!; sleep 0.2 & echo $first $!; exec ${program}`);
    const children = (await hold.stdout.take(1).toArray()).join("").split(" ").map(Number);
    await holds(hold.pid);
    await eventually(async () => {
      for (const child of children) await expect(stat(`/proc/${child}`)).rejects.toThrow("ENOENT");
    });
    expect(children).toHaveLength(2);
  });

  it("waits without a time limit, so that it never wakes up for nothing", async () => {
    await using hold = started(program);
    await holds(hold.pid);
    await eventually(async () => {
      const [call, , , limit] = (await readFile(`/proc/${hold.pid}/syscall`, "utf8")).split(" ");
      expect([call, limit]).toEqual([rtSigtimedwait, "0x0"]);
    });
  });

  it("copies itself, readable and executable for all, over an earlier copy and whatever the umask", async () => {
    const copy = join(folder, "copy");
    await writeFile(copy, "an earlier one", { mode: 0o400 });
    await execa("sh", ["-c", `umask 077; exec ${program} copy ${copy}`]);
    expect((await stat(copy)).mode & 0o7777).toBe(0o555);
    expect((await readFile(copy)).equals(await readFile(program))).toBe(true);
    const { exitCode, stderr } = await execa(copy, ["copy", folder], { reject: false });
    expect([exitCode, stderr]).toEqual([1, `hold: ${folder}: Is a directory`]);
  });

  it.each([[["help"]], [["copy"]], [["copy", "a", "b"]]])(
    "refuses the arguments %j with a usage line",
    async (args) => {
      const { exitCode, stdout, stderr } = await execa(program, args, { reject: false });
      expect([exitCode, stdout, stderr]).toEqual([64, "", "usage: hold | hold copy DEST"]);
    },
  );
});
