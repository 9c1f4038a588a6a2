import { type SubresourceVersion, subresourceGroup } from "../../api/sub-resources.ts";
import { endpoints } from "./endpoints/endpoints.ts";

const { name: group, versions } = subresourceGroup;

const versionOf = (version: SubresourceVersion) => ({ groupVersion: `${group}/${version}`, version });

/** `metav1.APIGroup`: the group and its versions. */
export const apiGroup = {
  kind: "APIGroup",
  apiVersion: "v1",
  name: group,
  versions: versions.map(versionOf),
  preferredVersion: versionOf(versions[0]),
};

/** `metav1.APIGroupList`: the groups of this server. */
export const apiGroups = { kind: "APIGroupList", apiVersion: "v1", groups: [apiGroup] };

interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  verbs: readonly string[];
}

/**
 * `metav1.APIResourceList` of a version. It has only sub-resources, and resources whose names no user types. So
 * kubectl's short names (`vm`, `vmi`) lead to the definitions' group.
 */
export function apiResources(version: SubresourceVersion): object {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: `${group}/${version}`,
    resources: resources(),
  };
}

function resources(): ApiResource[] {
  const kinds = { virtualmachines: "VirtualMachine", virtualmachineinstances: "VirtualMachineInstance" } as const;
  const ofObjects = (["virtualmachines", "virtualmachineinstances"] as const).flatMap((resource) =>
    Object.entries(endpoints[resource]).map(([name, { method }]) => ({
      name: `${resource}/${name}`,
      singularName: "",
      namespaced: true,
      kind: kinds[resource],
      verbs: [method === "GET" ? "get" : "update"],
    })),
  );
  const others = [
    { name: "expand-vm-spec", singularName: "", namespaced: true, kind: "", verbs: ["update"] },
    ...["version", "guestfs", "healthz"].map((name) => ({
      name,
      singularName: "",
      namespaced: false,
      kind: "",
      verbs: ["get"],
    })),
  ];
  return [...ofObjects, ...others];
}
