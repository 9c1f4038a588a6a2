import { machineContainer, versions } from "../../api/contract/constants.ts";
import { annotations } from "../../api/contract/labels.ts";
import { whyWithheld } from "../../api/contract/withheld-annotations.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { multusAnnotations } from "./multus.ts";

/** The most annotations that a message about omitted ones names. */
const mostNamed = 5;

/** Annotations of the instance only: kubectl's own, and the versions of KubeVirt that have observed the object. */
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

/** The message about annotations that an instance's pod did not get; `undefined` when it has all. */
export function withheldOf({ metadata }: VirtualMachineInstance): string | undefined {
  const left = Object.keys(metadata.annotations ?? {}).flatMap((name) => {
    const why = whyWithheld(name);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  if (left.length === 0) return undefined;
  const more = left.length > mostNamed ? `, and ${left.length - mostNamed} more` : "";
  return `The pod was not given all of metadata.annotations: ${left.slice(0, mostNamed).join("; ")}${more}`;
}
