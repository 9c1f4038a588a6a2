import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cluster } from "../../../cluster/cluster.ts";
import { down } from "../../../cluster/down.ts";
import { progress } from "../../../cluster/progress.ts";
import { cluster as shared } from "../cluster.ts";

/** The demo makes a cluster of its own, as it does on a machine that has none. */
const cluster = new Cluster(`${shared.name}-demo`);
const remove = (): Promise<void> => down(cluster, progress({ live: false, quietBelow: 1000 }));

beforeAll(remove);
afterAll(remove);

const demo = (args: readonly string[]) =>
  execa("npm", ["run", "--silent", "demo", "--", ...args], { reject: false, stdin: "ignore" });

test("the demo starts a cluster and a machine, shows its login prompt and saves a picture of its screen", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "demo-"));
  const picture = join(scratch.path, "screen.png");
  const { exitCode, stdout, stderr } = await demo(["--name", cluster.name, "--screenshot", picture]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^\w+ login: /m);
  expect(stdout).toMatch(/^the machine, from creation to Running +\d+\.\d s$/m);
  expect(stdout).toContain(`npm run cluster -- down --name ${cluster.name}`);
  expect(await cluster.kubectl(["get", "vm", "demo", "--output=jsonpath={.status.printableStatus}"])).toBe("Running");
  expect((await readFile(picture)).subarray(1, 4).toString()).toBe("PNG");
}, 600_000);

test("it uses the cluster of a context instead, and begins again with a machine that is there already", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "demo-"));
  const picture = join(scratch.path, "screen.png");
  const uid = (): Promise<string> => cluster.kubectl(["get", "vmi", "demo", "--output=jsonpath={.metadata.uid}"]);
  const before = await uid();
  const context = await cluster.kubectl(["config", "current-context"]);
  const its = ["--kubeconfig", cluster.kubeconfig, "--context", context, "--screenshot", picture];
  const image = ["--image", "localhost/tiny:latest", "--image-pull-policy", "Never"];
  const { exitCode, stdout, stderr } = await demo([...its, ...image]);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^\w+ login: /m);
  expect(await uid()).not.toBe(before);
  expect((await readFile(picture)).subarray(1, 4).toString()).toBe("PNG");
}, 300_000);

test("in a cluster of the user's own it asks for an image, and says that the add-on is missing", async () => {
  const withoutImage = await demo(["--context", "no-such-context"]);
  expect(withoutImage.exitCode).toBe(1);
  expect(withoutImage.stderr).toContain("--image");
  const elsewhere = await demo(["--context", "no-such-context", "--image", "example.org/disk"]);
  expect(elsewhere.exitCode).toBe(1);
  expect(elsewhere.stderr).toContain("--context no-such-context: the add-on does not answer there");
});
