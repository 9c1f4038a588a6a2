import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { cluster, useNamespace } from "../cluster.ts";

const { name: namespace } = useNamespace("ending");
const program = fileURLToPath(new URL("fixtures/everything.ts", import.meta.url));

test("a process ends by itself when the signal was aborted: no timer and no connection keeps it", async () => {
  const { stdout } = await execa(process.execPath, [program, cluster.kubeconfig, namespace], { timeout: 20_000 });
  expect(stdout).toBe("ended");
});
