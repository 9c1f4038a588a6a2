import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { moduleEntries } from "../../../../cluster/images/guest/kernel.ts";

async function entriesOf(names: readonly string[]) {
  await using root = await mkdtempDisposable(join(tmpdir(), "kernel-"));
  const folder = join(root.path, "lib/modules/6.1");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "modules.dep"),
    [
      "kernel/drivers/net/virtio_net.ko: kernel/net/net_failover.ko kernel/net/failover.ko",
      "kernel/net/net_failover.ko: kernel/net/failover.ko",
      "kernel/net/failover.ko:",
      "kernel/drivers/block/nvme-core.ko:",
      "",
    ].join("\n"),
  );
  await writeFile(
    join(folder, "modules.alias"),
    "# Aliases\nalias virtio:d00000001v* virtio_net\nalias pci:v00001 nvme_core\n",
  );
  const entries = await moduleEntries({ root: root.path, version: "6.1", image: "" }, names);
  return new Map(entries.map((entry) => [entry.path, "bytes" in entry ? entry.bytes : entry]));
}

it("takes a module with all that it depends on, and an index of no more than that", async () => {
  const entries = await entriesOf(["virtio_net"]);
  expect([...entries.keys()]).toEqual([
    "/lib/modules/6.1/kernel/drivers/net/virtio_net.ko",
    "/lib/modules/6.1/kernel/net/net_failover.ko",
    "/lib/modules/6.1/kernel/net/failover.ko",
    "/lib/modules/6.1/modules.dep",
    "/lib/modules/6.1/modules.alias",
  ]);
  expect(entries.get("/lib/modules/6.1/modules.dep")).not.toContain("nvme");
  expect(entries.get("/lib/modules/6.1/modules.alias")).toBe("alias virtio:d00000001v* virtio_net");
});

it("finds a module by its name, in which a dash counts as an underscore", async () => {
  expect([...(await entriesOf(["nvme_core"])).keys()]).toContain("/lib/modules/6.1/kernel/drivers/block/nvme-core.ko");
});

it("says which module a kernel lacks", async () => {
  await expect(entriesOf(["virtio_net", "e1000"])).rejects.toThrow("kernel 6.1 has no module e1000");
});
