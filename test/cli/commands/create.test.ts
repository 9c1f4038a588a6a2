import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { VirtualMachine } from "../../../api/resources.ts";
import { status } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

test.for([[[]], [["--image", ""]], [["--image="]], [["--image", " \t"]]] as const)(
  "without an image no machine is made: %j",
  async ([flags]) => {
    for (const dryRun of ["--dry-run=none", "--dry-run=client"]) {
      expect(await virt.run("create", "web", ...flags, dryRun)).toEqual({
        code: 1,
        stdout: "",
        stderr: 'error: required flag "image" not set: the image that holds the root disk\n',
      });
    }
    expect(virt.api.requests).toEqual([]);
  },
);

test.for([
  { memory: "2048", says: "a guest's memory is 1M at least and 128Ti at most; an amount without a unit such as Mi" },
  { memory: "129Ti", says: "a guest's memory is 1M at least and 128Ti at most" },
])("memory that no guest can have is refused with its field: $memory", async ({ memory, says }) => {
  // The API server refuses it by the rules of the definition, which test/e2e/api/definitions.test.ts shows.
  virt.api.others = (path, answer) => {
    if (!path.startsWith("POST ")) return false;
    const { status: code, body } = status(422, "Invalid", "it is invalid");
    answer.writeHead(code, { "content-type": "application/json" }).end(body);
    return true;
  };
  for (const dryRun of ["--dry-run=client", "--dry-run=server", "--dry-run=none"]) {
    const { code, stdout, stderr } = await virt.run("create", "web", "--image=debian", "--memory", memory, dryRun);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(
      `error: the VirtualMachine "web" is invalid: spec.template.spec.domain.memory.guest: "${memory}": ${says}`,
    );
  }
});

test("memory that is no amount is refused with its flag", async () => {
  expect(await virt.run("create", "web", "--image=debian", "--memory=2 GB")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^error: invalid argument "2 GB" for "--memory" flag: it must be a quantity such as/),
  });
  expect(virt.api.requests).toEqual([]);
});

/** The command line of a machine whose user data are some bytes, and what the manifest has of them. */
async function cloudInitOf(bytes: Buffer, ...flags: readonly string[]) {
  await using folder = await mkdtempDisposable(join(tmpdir(), "cloud-init-"));
  const file = join(folder.path, "user-data");
  await writeFile(file, bytes);
  const words = ["create", "web", "--image=debian", `--cloud-init=${file}`, "--dry-run=client", "-o", "json"];
  const { code, stdout, stderr } = await virt.run(...words, ...flags);
  if (code !== 0) return stderr;
  const { spec }: VirtualMachine = JSON.parse(stdout);
  return spec.template.spec.volumes?.find(({ name }) => name === "cloud-init")?.cloudInitNoCloud;
}

const config = "#cloud-config\nhostname: web # für uns\n";

test("user data that is text stays text", async () => {
  expect(await cloudInitOf(Buffer.from(config))).toEqual({ userData: config });
  expect(await cloudInitOf(Buffer.from(`\uFEFF${config}`))).toEqual({ userData: `\uFEFF${config}` });
});

test("user data that is compressed, or otherwise no UTF-8, arrives byte for byte", async () => {
  for (const bytes of [gzipSync(config), Buffer.from(config, "latin1")]) {
    expect(await cloudInitOf(bytes)).toEqual({ userDataBase64: bytes.toString("base64") });
  }
});

test("compressed user data has no place for a key", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "key-"));
  const key = join(folder.path, "key.pub");
  await writeFile(key, "ssh-ed25519 AAAA someone\n");
  expect(await cloudInitOf(gzipSync(config), `--ssh-key=${key}`)).toMatch(
    /^error: --ssh-key: the keys can be added to/,
  );
  expect(await cloudInitOf(Buffer.from(config), `--ssh-key=${key}`)).toEqual({
    userData: `${config}ssh_authorized_keys:\n  - ssh-ed25519 AAAA someone\n`,
  });
});

test("keys that cloud-init will give to nobody are made, and told", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "key-"));
  const [key, data] = [join(folder.path, "key.pub"), join(folder.path, "user-data")];
  await writeFile(key, "ssh-ed25519 AAAA someone\n");
  await writeFile(data, "#cloud-config\nusers: [{name: me}]\nwrite_files: [{path: /a, permissions: 0644}]\n");
  const words = ["create", "web", "--image=debian", `--cloud-init=${data}`, "--dry-run=client", "-o", "json"];
  expect(await virt.run(...words)).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout, stderr } = await virt.run(...words, `--ssh-key=${key}`);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).spec.template.spec.volumes[1].cloudInitNoCloud.userData).toContain("permissions: 0644}");
  expect(stderr).toMatch(
    /^Warning: cloud-init gives ssh_authorized_keys only to its default user, and "users" does not include that one/,
  );
});
