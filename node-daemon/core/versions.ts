import { versions } from "../../api/contract/constants.ts";
import { annotations } from "../../api/contract/labels.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { RefusedError } from "./refused-error.ts";

type Versions = Readonly<Record<keyof typeof versions, number>>;

/** What is kept in the state folder of an instance: what it is made from, and the versions that the folder keeps to. */
export function storedInstance(instance: VirtualMachineInstance): object {
  return { ...instance, versions };
}

/** Why a state folder, by what is kept in it, is left alone: a later release has made it. Undefined when it is not. */
export function laterFolder(kept: unknown): RefusedError | undefined {
  const { state, placeholder } = versionsIn(kept);
  const what = "a later release of the node daemon has started the machine";
  if (state > versions.state) return later(what, `state folder of version ${state}`, versions.state);
  if (placeholder > versions.placeholder)
    return later(what, `placeholder of version ${placeholder}`, versions.placeholder);
  return undefined;
}

/** Why an instance is not started in a placeholder: it promises what a later release of the controller does. */
export function laterPlaceholder(pod: Pod | undefined): RefusedError | undefined {
  const promised = pod?.metadata?.annotations?.[annotations.placeholderVersion] ?? "1";
  // What is no number is nothing that this release has written either.
  if (Number(promised) <= versions.placeholder) return undefined;
  const what = "a later release of the controller has made the placeholder pod";
  return later(what, `placeholder of version ${promised}`, versions.placeholder);
}

function later(what: string, found: string, known: number): RefusedError {
  const action = "it is left alone until the node daemon is upgraded";
  return new RefusedError(`${what} (${found}, this node daemon knows ${known}): ${action}`);
}

/** The versions that a folder names. What names none is of the time before there was a second one. */
function versionsIn(kept: unknown): Versions {
  const named: Partial<Record<keyof Versions, unknown>> = Object(Object(kept).versions);
  const number = (value: unknown): number => (typeof value === "number" ? value : 1);
  return { state: number(named.state), placeholder: number(named.placeholder) };
}
