import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeDomainLogs } from "../../../../node-daemon/adapters/libvirt/folder.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "node-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("a domain's logs go, with those that were rotated, and no other's", async () => {
  const folder = join(root, "var/log/libvirt/qemu");
  await mkdir(folder, { recursive: true });
  const others = ["ns_db.log.0.log", "ns_db.log.log", "ns_db2.log"];
  for (const name of ["ns_db.log", "ns_db.log.0", "ns_db.log.12", ...others]) await writeFile(join(folder, name), "");
  await removeDomainLogs("ns_db", root);
  expect((await readdir(folder)).toSorted()).toEqual(others);
  await removeDomainLogs("ns_db", join(root, "none"));
});
