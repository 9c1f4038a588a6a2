import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test, vi } from "vitest";

const program = join(import.meta.dirname, "../../cli/main.ts");
const machine = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "late" },
  spec: { runStrategy: "Halted", template: { spec: { domain: { memory: { guest: "64Mi" }, devices: {} } } } },
};

/** The flag of an open file that is read without waiting (open(2)), as /proc prints it: in octal. */
const nonBlocking = 0o4000;

test("a manifest may come late on standard input", async () => {
  const child = spawn(process.execPath, [program, ..."create -f - --dry-run=client -o name".split(" ")]);
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const ended = once(child, "close");
  // It has turned to its input by then, and finds none.
  await vi.waitFor(async () => {
    const [, flags = "0"] = /^flags:\s*(\d+)$/m.exec(await readFile(`/proc/${child.pid}/fdinfo/0`, "utf8")) ?? [];
    expect(Number.parseInt(flags, 8) & nonBlocking).toBe(nonBlocking);
  }, 30_000);
  child.stdin.end(JSON.stringify(machine));
  expect(await ended).toEqual([0, null]);
  expect(await out).toBe("virtualmachine.kubevirt.io/late\n");
  expect(await err).toBe("");
});
