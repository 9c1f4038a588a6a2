import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { version } from "../api/version.ts";

/** The oldest Node that the bundle runs on. */
const oldestNode = 24;

/**
 * The start script. Its syntax is valid in both of JavaScript's module systems and in old versions of JavaScript, so
 * that an old Node runs it far enough to print the error.
 */
const launcher = `#!/usr/bin/env node
if (parseInt(process.versions.node) < ${oldestNode}) {
  process.stderr.write("error: kubectl-virt needs Node ${oldestNode} or newer; this is " + process.version + " (" + process.execPath + ")\\n");
  process.exit(1);
}
import("./kubectl-virt.mjs");
`;

/** The script that kubectl's shell completion runs for the words after `kubectl virt`. */
const completer = launcher.replace('import("', 'process.argv.splice(2, 0, "__complete");\nimport("');

/**
 * Bundles the plugin into a folder: `kubectl-virt`, `kubectl_complete-virt` and the pieces that they load when a
 * command needs them. The files need only Node, and links from elsewhere work. Returns the program's path.
 */
export async function bundle(folder: string): Promise<string> {
  const root = join(import.meta.dirname, "..");
  await build({
    entryPoints: { "kubectl-virt": join(root, "cli/main.ts") },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // Each command is a piece of its own, so Node reads only the command that runs.
    splitting: true,
    chunkNames: "kubectl-virt-[hash]",
    format: "esm",
    platform: "node",
    target: `node${oldestNode}`,
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
    define: {
      "process.env.BUILD_VERSION": JSON.stringify(version),
      // Without it React is three times as large, and slower.
      "process.env.NODE_ENV": '"production"',
      "process.env.DEV": '"false"',
    },
    // CommonJS packages call require for Node's own modules.
    // A tool for ink's developers only.
    external: ["react-devtools-core"],
    banner: {
      js: 'import{createRequire as kubectlVirtRequire}from"node:module";const require=kubectlVirtRequire(import.meta.url);',
    },
  });
  const program = join(folder, "kubectl-virt");
  await writeFile(program, launcher, { mode: 0o755 });
  await writeFile(join(folder, "kubectl_complete-virt"), completer, { mode: 0o755 });
  return program;
}

/** `node cli/bundle.ts [FOLDER]`: `dist` by default, where package.json looks for it. */
if (import.meta.main) {
  const [folder = join(import.meta.dirname, "..", "dist")] = process.argv.slice(2);
  process.stdout.write(`${await bundle(folder)}\n`);
}
