import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connect, type Domain } from "../../../node-libvirt/src/index.ts";
import { bootedGuest, eventually, remove, run } from "./guest.ts";
import { type Prepared, prepare } from "./guest-files.ts";
import type { LibvirtNode } from "./libvirt-node.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-examples";
let node: LibvirtNode;
let other: LibvirtNode;
let connection: Connection;
let domain: Domain;
let files: Prepared;
beforeAll(async () => {
  [node, other] = (await libvirts()) as [LibvirtNode, LibvirtNode];
  connection = await connect(node.socket);
  files = await prepare(node);
  await prepare(other);
  domain = await bootedGuest(connection, { name, files });
});
afterAll(async () => {
  await remove(connection, name);
  await using destination = await connect(other.socket);
  await remove(destination, name);
  await connection.close();
});

/** Starts an example as its first lines say. */
function start(example: string, ...args: string[]): { child: ChildProcessWithoutNullStreams; output: () => string } {
  const file = fileURLToPath(new URL(`../../../examples/node-libvirt/${example}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args]);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
  }
  return { child, output: () => text };
}

/** Runs an example to its end and resolves to what it has printed. */
async function output(example: string, ...args: string[]): Promise<string> {
  const { child, output: text } = start(example, ...args);
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${example} ended with ${code}: ${text()}`);
  return text();
}

test("the README's first lines show the domains", async () => {
  const readme = await readFile(new URL("../../../node-libvirt/README.md", import.meta.url), "utf8");
  const lines = /```ts\n([^]*?)```/.exec(readme)?.[1]?.replace("qemu:///system", node.socket);
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "--eval", lines!]);
  expect(stdout).toContain(`${name} RUNNING`);
});

test("list.ts shows the domains", async () => {
  expect(await output("list.ts", node.socket)).toContain(`${name}: RUNNING (BOOTED), 1 CPUs, 160 MiB`);
});

test("stats.ts shows what they use", async () => {
  expect(await output("stats.ts", "1", node.socket)).toMatch(new RegExp(`${name}: vcpu time [1-9]\\d* ns`));
});

test("own-procedure.ts calls what has no table entry", async () => {
  expect(await output("own-procedure.ts", node.socket)).toMatch(/^\d+ networks/);
});

test("screenshot.ts saves a picture", async () => {
  const file = join(tmpdir(), `node-libvirt-${process.pid}.png`);
  expect(await output("screenshot.ts", name, file, node.socket)).toContain("image/png");
  expect((await readFile(file)).subarray(1, 4).toString()).toBe("PNG");
  await rm(file);
});

test("events.ts tells what happens, and ends when told to", async () => {
  const { child, output: text } = start("events.ts", node.socket);
  await eventually(() => text().includes(`${name} is there`));
  await domain.suspend();
  await domain.resume();
  await eventually(() => text().includes(`${name}: RESUMED UNPAUSED`));
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([0, null]);
});

test("console.ts is the guest's terminal, left with Ctrl-]", async () => {
  const { child, output: text } = start("console.ts", name, node.socket);
  await eventually(async () => {
    await run(domain, "echo console-$((1 + 1)) > /dev/ttyS0");
    return text().includes("console-2");
  });
  child.stdin.write("\u001d");
  expect(await once(child, "close")).toEqual([0, null]);
});

test("migrate.ts moves a running domain", async () => {
  const text = await output("migrate.ts", name, `qemu+tcp://${other.address}/system`, node.socket);
  expect(text).toContain("over the memory");
  expect(text).toContain(`${name} runs at`);
  await using destination = await connect(other.socket);
  expect(await (await destination.lookupByName(name)).getState()).toMatchObject({ state: "RUNNING" });
});
