import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { writeInitramfs } from "../../../../cluster/images/guest/initramfs.ts";

const aligned = (offset: number): number => Math.ceil(offset / 4) * 4;

/** The members of a newc archive, read as Documentation/driver-api/early-userspace/buffer-format.rst describes it. */
function members(cpio: Buffer) {
  const found: { name: string; mode: string; content: string }[] = [];
  for (let at = 0; ; ) {
    const field = (index: number): number =>
      Number.parseInt(cpio.toString("latin1", at + 6 + 8 * index, at + 14 + 8 * index), 16);
    expect(cpio.toString("latin1", at, at + 6)).toBe("070701");
    const nameEnd = at + 110 + field(11);
    const name = cpio.toString("utf8", at + 110, nameEnd - 1);
    if (name === "TRAILER!!!") return found;
    const start = aligned(nameEnd);
    found.push({ name, mode: field(1).toString(8), content: cpio.toString("utf8", start, start + field(6)) });
    at = aligned(start + field(6));
  }
}

it("writes files, links and the folders they lie in as the kernel unpacks them", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "initramfs-"));
  const source = join(scratch.path, "source");
  await writeFile(source, "#!/bin/sh\n");
  const target = join(scratch.path, "initrd");
  await writeInitramfs(
    [
      { path: "/init", file: source, mode: 0o755 },
      { path: "/bin/sh", link: "/bin/busybox" },
      { path: "/etc/empty", bytes: "" },
      { path: "/proc", folder: true },
    ],
    target,
  );
  expect(members(gunzipSync(await readFile(target)))).toEqual([
    { name: "bin", mode: "40755", content: "" },
    { name: "bin/sh", mode: "120777", content: "/bin/busybox" },
    { name: "etc", mode: "40755", content: "" },
    { name: "etc/empty", mode: "100644", content: "" },
    { name: "init", mode: "100755", content: "#!/bin/sh\n" },
    { name: "proc", mode: "40755", content: "" },
  ]);
});
