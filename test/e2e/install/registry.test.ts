import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { cluster } from "../cluster.ts";

/** The images that a kustomization names, wherever it does. */
async function imagesOf(folder: string): Promise<string[]> {
  const text = await cluster.kubectl(["kustomize", folder]);
  const found = [...text.matchAll(/(?:image|HOLD_IMAGE\n +value): (\S+)/g)].map(([, image = ""]) => image);
  return [...new Set(found)].toSorted();
}

test("the example of an installation takes every image of the add-on from the registry that it names", async () => {
  const registry = "registry.example.org/virt";
  expect(await imagesOf("examples/install")).toEqual([
    `${registry}/hold:0.1.0`,
    `${registry}/virt-controller:0.1.0`,
    `${registry}/virt-node-daemon:0.1.0`,
  ]);
});

test("an archive is written for every image that the manifests name, and a registry's tools can read it", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "images-"));
  await execa("npm", ["run", "--silent", "images", "--", scratch.path]);
  const named = await imagesOf("deploy");
  const names = named.map((image) => image.replace(/^localhost\/(.*):latest$/, "$1"));
  expect((await readdir(scratch.path)).toSorted()).toEqual(names.map((name) => `${name}.tar`));
  for (const [index, name] of names.entries()) {
    const { stdout } = await execa("tar", ["-xOf", join(scratch.path, `${name}.tar`), "index.json"]);
    const { manifests } = JSON.parse(stdout) as { manifests: { annotations: Record<string, string> }[] };
    expect(Object.values(manifests[0]?.annotations ?? {})).toContain(named[index]);
  }
});
