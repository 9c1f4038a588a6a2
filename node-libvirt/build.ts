// Writes dist/, the package as it is published: JavaScript and declarations, since Node does not strip types below
// node_modules; hence this folder is private and dist/ is not. Run by `npm run build`, published by `npm publish ./dist`.
import { execFile } from "node:child_process";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
await promisify(execFile)(process.execPath, [tsc, "-p", here("tsconfig.build.json")]);

const {
  scripts: _,
  private: __,
  ...manifest
}: Record<string, unknown> = JSON.parse(await readFile(here("package.json"), "utf8"));
const exports = { ".": { types: "./index.d.ts", default: "./index.js" }, "./package.json": "./package.json" };
await writeFile(here("dist/package.json"), `${JSON.stringify({ ...manifest, exports }, null, 2)}\n`);
await copyFile(here("README.md"), here("dist/README.md"));
await copyFile(here("../LICENSE"), here("dist/LICENSE"));
