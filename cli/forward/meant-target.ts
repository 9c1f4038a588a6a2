import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { resourceOf } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import type { Target } from "../target/target.ts";

/**
 * Resolves a target whose name has a dot. Until 1.6, KubeVirt's client took the text after the last dot as the
 * namespace, and many an ssh_config has such names (`vm/web.shop`). Since 1.7 the dot is part of the name. A machine
 * with the whole name comes first.
 */
export async function resolveTarget(cli: Cli, target: Target): Promise<Target> {
  const { kind, name, namespace } = target;
  const dot = name.lastIndexOf(".");
  if (namespace !== undefined || dot < 1) return target;
  const client = await cli.client();
  const older = { kind, name: name.slice(0, dot), namespace: name.slice(dot + 1) };
  // A user without the right to read machines must give the exact name.
  if ((await isThere(client, target, cli.signal)) !== "no" || (await isThere(client, older, cli.signal)) !== "yes") {
    return target;
  }
  const type = kind === "VirtualMachine" ? "vm" : "vmi";
  cli.say(
    `Warning: there is no ${type}/${name}; taking ${type}/${older.name}/${older.namespace}; use this form from now on`,
  );
  return older;
}

async function isThere(client: KubeClient, target: Target, signal: AbortSignal): Promise<"yes" | "no" | "unknown"> {
  try {
    await client.get<KubeObject>(resourceOf(target.kind), target, { signal });
    return "yes";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.isNotFound ? "no" : "unknown";
  }
}
