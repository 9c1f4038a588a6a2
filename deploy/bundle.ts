import { execFile } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import { version } from "../api/version.ts";

const root = join(import.meta.dirname, "..");

/** The entry point of each program, by the name of its image. */
export const programs = {
  "virt-controller": "controller/main.ts",
  "virt-node-daemon": "node-daemon/main.ts",
} as const;
export type Program = keyof typeof programs;

/** The name of a bundle's file in its folder and in an image. */
export const bundleFile = (program: Program): string => `${program}.mjs`;

/** Options of a bundle: its folder, its stamp and its form. */
export interface BundleOptions {
  readonly folder: string;
  /** The commit that it is made from, and its date; empty if unknown. */
  readonly commit?: string;
  readonly date?: string;
  /** For debugging: nothing is minified, and stack traces point to the sources. */
  readonly readable?: boolean;
}

/**
 * Bundles a program with all it needs. The file is an ES module, so that it may use top-level await; the banner defines
 * `require` for libraries that are not. `import()`s become files beside it, which are loaded when needed.
 */
export async function bundle(program: Program, options: BundleOptions): Promise<string> {
  const { folder, commit = "", date = "", readable = false } = options;
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { [program]: programs[program] },
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: `${program}-[hash]`,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    minifySyntax: !readable,
    minifyWhitespace: !readable,
    sourcemap: readable && "inline",
    sourcesContent: false,
    legalComments: "none",
    // The thrown error has the details.
    logLevel: readable ? "silent" : "warning",
    define: {
      "process.env.BUILD_VERSION": JSON.stringify(version),
      "process.env.BUILD_COMMIT": JSON.stringify(commit),
      "process.env.BUILD_DATE": JSON.stringify(date),
    },
    // Optional accelerators of ws.
    external: ["bufferutil", "utf-8-validate"],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  return join(folder, bundleFile(program));
}

/** The commit of this tree, with `-dirty` for other changes, and its date; empty without git. */
export async function source(): Promise<{ commit: string; date: string }> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("git", args, { cwd: root })).stdout.trim();
  try {
    return {
      commit: await git("describe", "--always", "--dirty", "--exclude=*"),
      date: await git("log", "-1", "--format=%cI"),
    };
  } catch {
    return { commit: "", date: "" };
  }
}

/** `node deploy/bundle.ts [--folder dist] [PROGRAM…]`: all programs by default. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { folder: { type: "string", default: join(root, "dist") } },
    allowPositionals: true,
  });
  const known = Object.keys(programs).filter(isProgram);
  const unknown = positionals.find((name) => !isProgram(name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is no program; there are: ${known.join(", ")}`);
  const stamp = await source();
  for (const program of positionals.length > 0 ? positionals.filter(isProgram) : known) {
    const file = await bundle(program, { folder: values.folder, ...stamp });
    process.stdout.write(`${file} ${Math.round((await stat(file)).size / 1024)} KiB\n`);
  }
}

function isProgram(name: string): name is Program {
  return Object.hasOwn(programs, name);
}

if (import.meta.main) await main();
