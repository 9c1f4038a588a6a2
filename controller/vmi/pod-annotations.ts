import { machineContainer, versions } from "../../api/contract/constants.ts";
import { annotations } from "../../api/contract/labels.ts";
import { whyWithheld } from "../../api/contract/withheld-annotations.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { multusAnnotations } from "./multus.ts";

/** How many annotations are named in what is told of those left out. */
const mostNamed = 5;

/** What kubectl keeps for itself, and the versions of KubeVirt that have looked at an object: these are about the instance. */
const aboutTheInstance = [
  "kubectl.kubernetes.io/",
  "kubevirt.io/latest-observed-api-version",
  "kubevirt.io/storage-observed-api-version",
];

/** The annotations of an instance's placeholder pod. */
export function podAnnotations(instance: VirtualMachineInstance): Record<string, string> {
  const { name = "", annotations: given = {} } = instance.metadata;
  const handedOn = Object.entries(given).filter(
    ([key]) => !aboutTheInstance.some((prefix) => key.startsWith(prefix)) && whyWithheld(key) === undefined,
  );
  return {
    ...Object.fromEntries(handedOn),
    [annotations.domain]: name,
    "kubectl.kubernetes.io/default-container": machineContainer,
    ...multusAnnotations(instance),
    [annotations.placeholderVersion]: String(versions.placeholder),
  };
}

/** What is to be told of the annotations that an instance's pod was not given; `undefined` when it has them all. */
export function withheldOf({ metadata }: VirtualMachineInstance): string | undefined {
  const left = Object.keys(metadata.annotations ?? {}).flatMap((name) => {
    const why = whyWithheld(name);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  if (left.length === 0) return undefined;
  const more = left.length > mostNamed ? `, and ${left.length - mostNamed} more` : "";
  return `The pod was not given all of metadata.annotations: ${left.slice(0, mostNamed).join("; ")}${more}`;
}
