import { ApiError } from "../../api/kube/client/errors.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { metadataOf, type Resource } from "../../api/kube/resources/resource.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { multusNetworks } from "../cache/multus-networks.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { InstanceContext } from "./context.ts";
import type { PodTrouble } from "./pod-trouble.ts";

/** Multus' definitions of networks. */
const definitions: Resource<KubeObject> = {
  group: "k8s.cni.cncf.io",
  version: "v1",
  plural: "network-attachment-definitions",
  kind: "NetworkAttachmentDefinition",
  namespaced: true,
};

/** The pod annotations for Multus: the network that replaces the pod network, and the additional networks. */
export const networkAnnotations = {
  instead: "v1.multus-cni.io/default-network",
  more: "k8s.v1.cni.cncf.io/networks",
} as const;

/** The annotations with which Multus attaches a placeholder pod to the instance's networks. */
export function multusAnnotations(instance: VirtualMachineInstance): Record<string, string> {
  const all = multusNetworks(instance);
  const [instead] = all.filter(({ isDefault }) => isDefault);
  const more = all
    .filter(({ isDefault }) => !isDefault)
    .map(({ namespace, name, device, mac }) => ({ name, namespace, interface: device, ...(mac ? { mac } : {}) }));
  return {
    ...(instead ? { [networkAnnotations.instead]: `${instead.namespace}/${instead.name}` } : {}),
    ...(more.length > 0 ? { [networkAnnotations.more]: JSON.stringify(more) } : {}),
  };
}

/**
 * Why an instance may not use one of its networks: the network is in another namespace, and not in a global one.
 * Multus has the same rule with `namespaceIsolation`, for users who make pods themselves. But here the controller makes
 * the pod, and most clusters run Multus without that option.
 */
export function foreignNetwork(
  { metadata, networks }: Pick<SlimInstance, "metadata" | "networks">,
  globalNetworks: readonly string[],
): PodTrouble | undefined {
  const own = metadata.namespace ?? "";
  const foreign = networks.find(({ namespace }) => namespace !== own && !globalNetworks.includes(namespace));
  if (!foreign) return undefined;
  const { field, namespace, name } = foreign;
  const allowed = ["its own namespace", ...globalNetworks].join(", ");
  const message = `${field}.networkName: ${namespace}/${name}: an instance here may use networks of ${allowed}`;
  return { type: "Synchronized", reason: conditionReasons.networkNotAllowed, message };
}

/** Why an instance cannot be attached to its networks: it may not use one, Multus lacks one, or there is no Multus. */
export async function networkTrouble({
  client,
  instance,
  settings,
  signal,
}: InstanceContext): Promise<PodTrouble | undefined> {
  // First: other namespaces' users must not learn whether the network exists.
  const foreign = foreignNetwork(instance, settings.globalNetworks);
  if (foreign) return foreign;
  const reason = conditionReasons.networkNotFound;
  for (const { field, namespace, name } of instance.networks) {
    try {
      await client.get(metadataOf(definitions), { namespace, name }, { signal });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isNotFound) throw error;
      // An API server that does not serve the kind names no object in its answer.
      const message =
        error.status.details?.name === undefined
          ? `${field}: no NetworkAttachmentDefinitions are served here; is Multus installed?`
          : `${field}: NetworkAttachmentDefinition ${namespace}/${name} is not there`;
      return { type: "Synchronized", reason, message };
    }
  }
  return undefined;
}
