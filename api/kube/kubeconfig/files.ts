import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { errorCode } from "../../values/error-code.ts";
import { ConfigurationError } from "../client/errors.ts";
import type { Kubeconfig } from "./entries.ts";
import { parseKubeconfig } from "./parse.ts";

/**
 * Reads the same files as kubectl: the named file, which must exist, or the files of `$KUBECONFIG`, else
 * `~/.kube/config`, which may be missing. For the current context and for each name, the first file that has it counts.
 * Throws ConfigurationError for a file that is unreadable or not a kubeconfig.
 */
export async function readKubeconfig(file: string | undefined): Promise<Kubeconfig> {
  const files = file ? [file] : [...new Set(defaultFiles())].filter(Boolean);
  const merged: Kubeconfig = { clusters: new Map(), users: new Map(), contexts: new Map() };
  for (const one of files) {
    const config = await readOne(one, one === file);
    if (!config) continue;
    if (config.currentContext !== undefined) merged.currentContext ??= config.currentContext;
    for (const list of ["clusters", "users", "contexts"] as const) addMissing<unknown>(merged[list], config[list]);
  }
  return merged;
}

function defaultFiles(): string[] {
  const list = process.env.KUBECONFIG;
  return list ? list.split(delimiter) : [join(homedir(), ".kube", "config")];
}

async function readOne(file: string, isNamed: boolean): Promise<Kubeconfig | undefined> {
  try {
    return parseKubeconfig(await readFile(file, "utf8"), dirname(file));
  } catch (cause) {
    const isMissing = errorCode(cause) === "ENOENT";
    if (isMissing && !isNamed) return undefined;
    throw new ConfigurationError(`error loading config file "${file}"`, { cause });
  }
}

function addMissing<T>(to: Map<string, T>, from: ReadonlyMap<string, T>): void {
  for (const [name, value] of from) if (!to.has(name)) to.set(name, value);
}
