import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connect, MigrateFlags } from "../../../node-libvirt/src/index.ts";
import { bootedGuest, eventually, remove, run } from "./guest.ts";
import { prepare } from "./guest-files.ts";
import type { LibvirtNode } from "./libvirt-node.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-migration";
let nodes: [LibvirtNode, LibvirtNode];
let source: Connection;
let destination: Connection;
beforeAll(async () => {
  const [from, to] = await libvirts();
  if (!from || !to?.address) throw new Error("a migration needs two nodes and the address of the second");
  nodes = [from, to];
  source = await connect(from.socket);
  destination = await connect(to.socket);
});
afterAll(async () => {
  for (const connection of [source, destination]) {
    await remove(connection, name);
    await connection.close();
  }
});

/** Starts a guest on the source that counts seconds into its memory. */
async function ticking() {
  const [files] = await Promise.all(nodes.map((node) => prepare(node)));
  await remove(destination, name);
  const domain = await bootedGuest(source, { name, files: files! });
  await run(
    domain,
    "(i=0; while :; do i=$((i+1)); echo $i > /run/tick; echo tick $i > /dev/ttyS0; sleep 0.1; done) >/dev/null 2>&1 &",
  );
  await eventually(async () => Number(await run(domain, "cat /run/tick").catch(() => "0")) > 3);
  return domain;
}

test("a running guest goes from one node to the other, and its clock ticks on", async () => {
  const domain = await ticking();
  const story: string[] = [];
  for (const [where, connection] of [
    ["from", source],
    ["to", destination],
  ] as const) {
    await connection.on("lifecycle", ({ domain: one, event, detail }) => {
      if (one.name === name) story.push(`${where} ${event} ${detail}`);
    });
  }
  const iterations: number[] = [];
  await source.on("migrationIteration", ({ iteration }) => iterations.push(iteration));
  const completed: unknown[] = [];
  await source.on("jobCompleted", ({ params }) => completed.push(params));
  expect(await domain.migrateGetMaxDowntime()).toBeGreaterThan(0);
  await domain.migrateSetMaxSpeed(512);
  expect(await domain.migrateGetMaxSpeed()).toBe(512);

  const before = Number(await run(domain, "cat /run/tick"));
  const [, to] = nodes;
  const moving = domain.migrateToURI3(
    `qemu+tcp://${to.address}/system`,
    { migrate_uri: `tcp://${to.address}` },
    MigrateFlags.LIVE,
  );
  // A short call is never stuck behind the long one.
  expect(await source.getHostname()).toMatch(/./);
  await moving;

  const moved = await destination.lookupByName(name);
  expect(await moved.getState()).toEqual({ state: "RUNNING", reason: "MIGRATED" });
  await expect(source.lookupByName(name)).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN" });
  const after = Number(await run(moved, "cat /run/tick"));
  expect(after).toBeGreaterThanOrEqual(before);
  await eventually(async () => Number(await run(moved, "cat /run/tick")) > after);
  // The console goes on, too.
  const console = await moved.openConsole();
  let text = "";
  console.on("data", (chunk) => {
    text += String(chunk);
  });
  await eventually(() => /tick \d+/.test(text));
  console.destroy();

  await eventually(() => story.includes("from STOPPED MIGRATED"));
  expect(story).toContain("from SUSPENDED MIGRATED");
  expect(story).toContain("to STARTED MIGRATED");
  expect(story).toContain("to RESUMED MIGRATED");
  expect(iterations.length).toBeGreaterThan(0);
  expect(completed[0]).toMatchObject({ operation: 5, memory_total: expect.any(Number) });
});

test("a migration that is aborted leaves the guest where it is", async () => {
  await remove(destination, name);
  const domain = await ticking();
  await domain.migrateSetMaxSpeed(1);
  await domain.migrateSetMaxDowntime(1);
  const [, to] = nodes;
  const moving = domain
    .migrateToURI3(`qemu+tcp://${to.address}/system`, { migrate_uri: `tcp://${to.address}` })
    .catch((error) => error);
  await eventually(async () => (await domain.getJobInfo()).dataProcessed > 0);
  expect((await domain.getJobStats()).params).toMatchObject({ operation: 5 });
  await domain.abortJob();
  expect(await moving).toMatchObject({ name: "LibvirtError", code: "VIR_ERR_OPERATION_ABORTED" });
  expect(await domain.getState()).toMatchObject({ state: "RUNNING" });
  await expect(destination.lookupByName(name)).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN" });
});

test("a guest that changes its memory faster than it is copied is switched to post-copy", async () => {
  const [files] = await Promise.all(nodes.map((node) => prepare(node)));
  for (const connection of [source, destination]) await remove(connection, name);
  // Whose memory arrives behind it, waits for it by userfaultfd, which only root may use in full.
  const elements = `<seclabel type="static" model="dac" relabel="no"><label>+0:+0</label></seclabel>`;
  const domain = await bootedGuest(source, { name, files: files!, elements });
  await run(
    domain,
    "(dd if=/dev/urandom of=/run/x bs=1M count=32; while :; do cat /run/x >/run/y; done) >/dev/null 2>&1 &",
  );
  const story: string[] = [];
  for (const [where, connection] of [
    ["from", source],
    ["to", destination],
  ] as const) {
    await connection.on("lifecycle", ({ domain: one, event, detail }) => {
      if (one.name === name) story.push(`${where} ${event} ${detail}`);
    });
  }
  await expect(domain.migrateStartPostCopy()).rejects.toMatchObject({ code: "VIR_ERR_OPERATION_INVALID" });
  await domain.migrateSetMaxSpeed(8);
  const [, to] = nodes;
  const moving = domain.migrateToURI3(
    `qemu+tcp://${to.address}/system`,
    { migrate_uri: `tcp://${to.address}` },
    MigrateFlags.LIVE | MigrateFlags.POSTCOPY,
  );
  await eventually(async () => (await domain.getJobInfo()).dataProcessed > 0);
  await domain.migrateStartPostCopy();
  await moving;
  const moved = await destination.lookupByName(name);
  expect(await moved.getState()).toMatchObject({ state: "RUNNING" });
  expect(await run(moved, "ls /run/x")).toBe("/run/x\n");
  await eventually(() => story.includes("from STOPPED MIGRATED"));
  expect(story).toContain("from SUSPENDED POSTCOPY");
  await remove(destination, name);
});
