import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { rulesFor } from "../../../../node-daemon/adapters/isolation/node-firewall.ts";
import { NodeIsolation } from "../../../../node-daemon/adapters/isolation/node-isolation.ts";
import { parseUserRange } from "../../../../node-daemon/instance/machine-user-range.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-isolation-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/**
 * Stands in for a node's packet filter: keeps the rules that the daemon sets, and lists them. It takes the place of
 * nsenter, as the machine of the tests may have no nft, and its own filter stays as it is.
 */
async function aPacketFilter(): Promise<() => Promise<string>> {
  const rules = join(folder, "rules");
  const script = `#!/bin/sh
case "$*" in
  "--target 1 --net -- nft --stateless list table inet kubectl_virt") cat ${rules} ;;
  "--target 1 --net -- nft "*) shift 5; printf %s "$1" > ${rules} ;;
  *) exit 1 ;;
esac
`;
  await writeFile(join(folder, "nsenter"), script, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  return () => readFile(rules, "utf8");
}

test.for(["2100000000-2100065535", "70000-70002"])("the node's network is closed to the users %s", async (text) => {
  const rules = await aPacketFilter();
  await mkdir(join(folder, "1/root/run/libvirt"), { recursive: true });
  const users = parseUserRange(text);
  const isolation = new NodeIsolation({ users, kvm: false, proc: folder });
  expect(await isolation.enforce()).toEqual(["the node's network was closed to QEMU"]);
  expect(await rules()).toBe(rulesFor(users));
  expect(await rules()).toContain(`meta skuid ${text} drop`);
});
