import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { copyPlugin } from "../../../cluster/plugin.ts";

/** The result of a run of the plugin. */
export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** The bundled plugin, as users have it, in a folder that exists during the tests of a file. */
export class Plugin {
  folder = "";
  program = "";
  /** Flags for every run. */
  flags: readonly string[] = [];

  /** Makes the words of a command line. */
  words(...args: readonly string[]): [string, ...string[]] {
    return [process.execPath, this.program, ...args, ...this.flags];
  }

  /** Runs the plugin to its end, with pipes. `input` is its whole input; `run` collects its output at once. */
  async run(args: readonly string[], input = "", run: Run = { code: 0, stdout: "", stderr: "" }): Promise<Run> {
    const [file, ...rest] = this.words(...args);
    const child = spawn(file, rest, { cwd: this.folder });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (run.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (run.stderr += text));
    // The plugin may end before it has read all of its input.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [code] = await once(child, "close");
    return { ...run, code };
  }
}

/** Bundles the plugin for the tests of a file. */
export function usePlugin(): Plugin {
  const plugin = new Plugin();
  beforeAll(async () => {
    plugin.folder = await mkdtemp(join(tmpdir(), "kubectl-virt-"));
    plugin.program = await copyPlugin(join(plugin.folder, "bundle"));
  });
  afterAll(() => rm(plugin.folder, { recursive: true }));
  return plugin;
}
