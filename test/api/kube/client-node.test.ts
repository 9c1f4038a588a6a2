import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

test("client-node, which costs a second and 80 MB, is loaded only for what a kubeconfig has of its providers", async () => {
  const loading: string[] = [];
  for (const file of globSync("{api,cli,controller,node-daemon}/**/*.ts", { cwd: root })) {
    const text = await readFile(join(root, file), "utf8");
    if (/import \{[^}]*\} from "@kubernetes|import\("@kubernetes/.test(text)) loading.push(file);
  }
  expect(loading).toEqual(["api/kube/kubeconfig/auth-provider.ts"]);
});
