import { chmod, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Bundles the plugin into a folder: `kubectl-virt` and the pieces that it loads when a command needs them. It needs Node
 * 24 and nothing else. Returns the program's path.
 */
export async function bundle(folder: string): Promise<string> {
  const root = join(import.meta.dirname, "..");
  const { version }: { version: string } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await build({
    entryPoints: [join(root, "cli/main.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // Each command is a piece of its own: what is not run is not read.
    splitting: true,
    chunkNames: "kubectl-virt-[hash]",
    format: "esm",
    platform: "node",
    target: "node24",
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
    define: { KUBECTL_VIRT_VERSION: JSON.stringify(`v${version}`) },
    // Packages in the older form call require for Node's own modules.
    banner: {
      js: 'import{createRequire as kubectlVirtRequire}from"node:module";const require=kubectlVirtRequire(import.meta.url);',
    },
  });
  const program = join(folder, "kubectl-virt");
  await rename(join(folder, "main.mjs"), program);
  await chmod(program, 0o755);
  return program;
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error("usage: bundle.ts FOLDER");
  process.stdout.write(`${await bundle(folder)}\n`);
}
