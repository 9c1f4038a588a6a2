import { podDeviceOf } from "../../api/contract/pod-devices.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/** A network that Multus attaches. */
export interface MultusNetwork {
  /** The field with the network's name. */
  readonly field: string;
  readonly namespace: string;
  readonly name: string;
  readonly device: string;
  /** Whether it replaces the pod network. */
  readonly isDefault: boolean;
  readonly mac: string | undefined;
}

/** The networks of an instance that Multus attaches. */
export function multusNetworks({ metadata, spec }: VirtualMachineInstance): MultusNetwork[] {
  return (spec.networks ?? []).flatMap((network, index) => {
    const { multus } = network;
    if (!multus) return [];
    const [first = "", second] = multus.networkName.split("/");
    const [namespace, name] = second === undefined ? [metadata.namespace ?? "", first] : [first, second];
    const mac = spec.domain.devices?.interfaces?.find((one) => one.name === network.name)?.macAddress;
    return [
      {
        field: `spec.networks[${index}].multus`,
        namespace,
        name,
        device: podDeviceOf(network),
        isDefault: multus.default === true,
        mac: mac?.replaceAll("-", ":").toLowerCase(),
      },
    ];
  });
}
