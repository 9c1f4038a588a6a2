import { mkdir, mkdtempDisposable, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findUefi } from "../../../../node-daemon/adapters/libvirt/firmware-files.ts";

/** A description as Debian's `ovmf` has it, of firmware whose files have such names. */
const description = (name: string, features: string[] = []): string =>
  JSON.stringify({
    "interface-types": ["uefi"],
    mapping: {
      device: "flash",
      executable: { filename: `/usr/share/OVMF/${name}_CODE.fd`, format: "raw" },
      "nvram-template": { filename: `/usr/share/OVMF/${name}_VARS.fd`, format: "raw" },
    },
    targets: [{ architecture: "x86_64", machines: ["pc-i440fx-*", "pc-q35-*"] }],
    features,
  });
const firmware = (name: string) => ({
  code: `/usr/share/OVMF/${name}_CODE.fd`,
  variables: `/usr/share/OVMF/${name}_VARS.fd`,
});
const secure = ["enrolled-keys", "requires-smm", "secure-boot"];

/** A node's root with files. */
async function aNode(files: Record<string, string>) {
  const root = await mkdtempDisposable(join(tmpdir(), "node-root-"));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(root.path, dirname(path)), { recursive: true });
    await writeFile(join(root.path, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return { path: root.path, write, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

const shipped = "usr/share/qemu/firmware";
const files = {
  [`${shipped}/40-secure.json`]: description("SECURE", secure),
  [`${shipped}/60-plain.json`]: description("PLAIN"),
  ...Object.fromEntries(
    ["SECURE_CODE", "SECURE_VARS", "PLAIN_CODE", "PLAIN_VARS"].map((name) => [`usr/share/OVMF/${name}.fd`, ""]),
  ),
};

test("firmware is what is described and there", async () => {
  await using node = await aNode(files);
  expect(await findUefi(node.path, "x86_64")).toEqual({ uefi: firmware("PLAIN"), secureUefi: firmware("SECURE") });
  await rm(join(node.path, "usr/share/OVMF/SECURE_VARS.fd"));
  expect(await findUefi(node.path, "x86_64")).toEqual({ uefi: firmware("PLAIN"), secureUefi: undefined });
  await rm(join(node.path, "usr/share/OVMF"), { recursive: true });
  expect(await findUefi(node.path, "x86_64")).toEqual({ uefi: undefined, secureUefi: undefined });
});

test("what the administrator describes goes before what came with the system", async () => {
  await using node = await aNode(files);
  await node.write("etc/qemu/firmware/60-plain.json", description("SECURE"));
  // An empty file hides the one of its name.
  await node.write("etc/qemu/firmware/40-secure.json", "");
  expect(await findUefi(node.path, "x86_64")).toEqual({ uefi: firmware("SECURE"), secureUefi: undefined });
});

test("a file that describes nothing is passed by, and a node may have none at all", async () => {
  await using node = await aNode({ ...files, [`${shipped}/00-broken.json`]: "{", [`${shipped}/01-list.json`]: "[]" });
  expect(await findUefi(node.path, "x86_64")).toMatchObject({ uefi: firmware("PLAIN") });
  await using bare = await aNode({});
  expect(await findUefi(bare.path, "x86_64")).toEqual({ uefi: undefined, secureUefi: undefined });
});
