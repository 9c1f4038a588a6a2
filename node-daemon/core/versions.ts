import { versions } from "../../api/contract/constants.ts";
import { annotations } from "../../api/contract/labels.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { RefusedError } from "./refused-error.ts";

type Versions = Readonly<Record<keyof typeof versions, number>>;

/** The content of `instance` in the state folder: the instance, and the versions of the folder's formats. */
export function storedInstance(instance: VirtualMachineInstance): object {
  return { ...instance, versions };
}

/** Why the daemon must not touch a state folder: a later release has made it. Undefined when it may. */
export function folderTooNew(kept: unknown): RefusedError | undefined {
  const { state, placeholder } = versionsIn(kept);
  const what = "a later release of the node daemon has started the machine";
  if (state > versions.state) return later(what, `state folder of version ${state}`, versions.state);
  if (placeholder > versions.placeholder)
    return later(what, `placeholder of version ${placeholder}`, versions.placeholder);
  return undefined;
}

/** Why an instance must not start in a placeholder: its version is of a later controller. Undefined when it may. */
export function placeholderTooNew(pod: Pod | undefined): RefusedError | undefined {
  const promised = pod?.metadata?.annotations?.[annotations.placeholderVersion] ?? "1";
  // This release writes only numbers, so anything else is also of another release.
  if (Number(promised) <= versions.placeholder) return undefined;
  const what = "a later release of the controller has made the placeholder pod";
  return later(what, `placeholder of version ${promised}`, versions.placeholder);
}

function later(what: string, found: string, known: number): RefusedError {
  const action = "it is left alone until the node daemon is upgraded";
  return new RefusedError(`${what} (${found}, this node daemon knows ${known}): ${action}`);
}

/** The versions that a folder names. A folder without versions is older than the second version. */
function versionsIn(kept: unknown): Versions {
  const named: Partial<Record<keyof Versions, unknown>> = Object(Object(kept).versions);
  const number = (value: unknown): number => (typeof value === "number" ? value : 1);
  return { state: number(named.state), placeholder: number(named.placeholder) };
}
