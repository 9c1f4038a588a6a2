import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ConfigurationError } from "../client/errors.ts";
import type { Kubeconfig } from "./entries.ts";
import { parseKubeconfig } from "./parse.ts";

/**
 * Reads what kubectl would: the file that is named, which has to be there, or those of `$KUBECONFIG`, else
 * `~/.kube/config`, which need not. Of several the first that says something counts, for the current context and for each
 * name. Throws ConfigurationError for a file that cannot be read, or is no kubeconfig.
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
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (isMissing && !isNamed) return undefined;
    throw new ConfigurationError(`error loading config file "${file}"`, { cause });
  }
}

function addMissing<T>(to: Map<string, T>, from: ReadonlyMap<string, T>): void {
  for (const [name, value] of from) if (!to.has(name)) to.set(name, value);
}
