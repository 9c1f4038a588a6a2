import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Cli } from "../cli.ts";
import { errorText } from "../error-text.ts";
import { selectorOf } from "../flags/values.ts";

/** The flags of `get`. */
export interface GetFlags {
  output?: "json" | "yaml" | "name" | "wide";
  allNamespaces?: boolean;
  selector?: string;
  fieldSelector?: string;
  watch?: boolean;
  watchOnly?: boolean;
  headers: boolean;
  ignoreNotFound?: boolean;
}

/** Makes the selection of a list request. */
export function selectionOf(
  client: KubeClient,
  { allNamespaces, selector, fieldSelector }: GetFlags,
): { namespace: string | undefined; labelSelector: string | undefined; fieldSelector: string | undefined } {
  return {
    namespace: allNamespaces ? undefined : client.namespace,
    labelSelector: selectorOf(selector),
    fieldSelector: selectorOf(fieldSelector),
  };
}

/** Reports that one of several objects is missing; returns whether that is a failure. Throws other errors again. */
export function tell(cli: Cli, error: unknown, { ignoreNotFound }: Pick<GetFlags, "ignoreNotFound">): boolean {
  if (!(error instanceof Error) || !("isNotFound" in error) || error.isNotFound !== true) throw error;
  if (ignoreNotFound) return false;
  cli.say(errorText(error));
  return true;
}
