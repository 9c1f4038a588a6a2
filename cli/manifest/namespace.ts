import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import type { Manifest } from "./read.ts";

/** Returns the namespace of a manifest's object: its own or the client's. Throws Failure if --namespace differs. */
export function namespaceOf(cli: Cli, client: KubeClient, { metadata }: Manifest): string {
  // A template may leave the namespace empty, which YAML reads as null.
  const namespace = metadata.namespace || undefined;
  if (namespace !== undefined && cli.flags.namespace !== undefined && namespace !== client.namespace) {
    throw new Failure(
      `the namespace from the provided object "${namespace}" does not match the namespace "${client.namespace}". You must pass '--namespace=${namespace}' to perform this operation.`,
    );
  }
  return namespace ?? client.namespace;
}
