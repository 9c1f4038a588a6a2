import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const build = join(import.meta.dirname, "../../../deploy/images/show-as/build.sh");
const isRoot = process.getuid?.() === 0;
let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "show-as-"));
  program = join(folder, "show-as");
  await execa(build, [program]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a script where its first process is process 1, whose mounts the program changes. */
async function inNode(script: string): Promise<string> {
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc"];
  const setup = `mount -t tmpfs tmpfs ${folder}/at; cd ${folder}/at; touch place other; echo disk > disk; chown 107:107 disk`;
  const shell = ["sh", "-ec", `mkdir -p ${folder}/at; ${setup}; chmod 600 disk\n${script}`];
  return (await execa("unshare", [...namespaces, ...shell])).stdout;
}

const as = (user: number): string => `setpriv --reuid=${user} --regid=${user} --clear-groups`;

describe("show-as", () => {
  it.each([[[]], [["1", "a"]], [["one", "a", "b"]], [["1", "a", "b", "rw"]], [["1", "a", "b", "ro", "c"]]])(
    "refuses the arguments %j with a usage line",
    async (args) => {
      const { exitCode, stderr } = await execa(program, args, { reject: false });
      expect([exitCode, stderr]).toEqual([64, "usage: show-as USER SOURCE PLACE [ro]"]);
    },
  );
});

describe.runIf(isRoot)("show-as in a node", () => {
  it("shows what is user 107's as another user's, who may then use it, and changes nothing where it is stored", async () => {
    const output = await inNode(`${program} 2100000001 $PWD/disk $PWD/place
      stat -c %u:%g place disk
      ${as(2_100_000_001)} sh -c 'echo written > place'; cat disk
      ${as(2_100_000_001)} cat disk 2>&1 || true
      ${as(2_100_000_002)} cat place 2>&1 || true`);
    const denied = (name: string): string => `cat: ${name}: Permission denied`;
    const shown = ["2100000001:2100000001", "107:107", "written", denied("disk"), denied("place")];
    expect(output.split("\n")).toEqual(shown);
  });

  it("shows it read-only where that is asked for, whoever it is shown to", async () => {
    const output = await inNode(`${program} 2100000001 $PWD/disk $PWD/place ro
      cat place; sh -c 'echo written > place' 2>&1 || true; cat disk`);
    expect(output).toMatch(/^disk\n.*Read-only file system\ndisk$/);
  });

  it("shows a file as it is where its file system can show no other owner", async () => {
    const overlay =
      "mkdir lower upper work merged; cp -p disk lower; mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged";
    const output = await inNode(`${overlay}; ${program} 2100000001 $PWD/merged/disk $PWD/place
      ${program} 2100000001 $PWD/merged/disk $PWD/other ro
      stat -c %u:%g place other; sh -c 'echo written > other' 2>&1 || true; cat place`);
    expect(output).toMatch(/^107:107\n107:107\n.*Read-only file system\ndisk$/);
  });

  it("says what it could not do", async () => {
    const { exitCode, stderr } = await execa(
      "unshare",
      ["--mount", "--pid", "--fork", "--mount-proc", program, "1", "/nowhere", "/"],
      { reject: false },
    );
    expect([exitCode, stderr]).toEqual([1, "/nowhere: No such file or directory"]);
  });

  it("is small, and needs no library of the node", async () => {
    expect((await stat(program)).size).toBeLessThan(1 << 20);
    expect((await execa("ldd", [program], { reject: false })).exitCode).toBe(1);
  });
});
