/** The group of the sub-resources, which our aggregated API server serves. */
export const subresourceGroup = {
  name: "subresources.kubevirt.io",
  /** The versions, the preferred one first; they differ only in name. */
  versions: ["v1", "v1alpha3"],
} as const;
export type SubresourceVersion = (typeof subresourceGroup.versions)[number];

/** The sub-resources of a machine, and the RBAC verb of each request. */
export const machineSubresources = {
  start: "update",
  stop: "update",
  restart: "update",
  migrate: "update",
  addvolume: "update",
  removevolume: "update",
  "expand-spec": "get",
  portforward: "get",
} as const;
export type MachineSubresource = keyof typeof machineSubresources;

/** The sub-resources of an instance, and the RBAC verb of each request. */
export const instanceSubresources = {
  console: "get",
  log: "get",
  vnc: "get",
  "vnc/screenshot": "get",
  portforward: "get",
  guestosinfo: "get",
  userlist: "get",
  filesystemlist: "get",
  pause: "update",
  unpause: "update",
  softreboot: "update",
  reset: "update",
  freeze: "update",
  unfreeze: "update",
  addvolume: "update",
  removevolume: "update",
} as const;
export type InstanceSubresource = keyof typeof instanceSubresources;

interface ObjectName {
  namespace: string;
  name: string;
}

/** The path of a machine's sub-resource. */
export function machinePath(object: ObjectName, subresource: MachineSubresource | `portforward/${string}`): string {
  return path("virtualmachines", object, subresource);
}

/** The path of an instance's sub-resource. */
export function instancePath(object: ObjectName, subresource: InstanceSubresource | `portforward/${string}`): string {
  return path("virtualmachineinstances", object, subresource);
}

/** The last part of the path of a forwarded port; an API server may drop the query of websockets. */
export function portForward(port: number, protocol?: "tcp" | "udp"): `portforward/${string}` {
  return `portforward/${port}${protocol ? `/${protocol}` : ""}`;
}

/** The path of a resource without an object, such as `version`. */
export function clusterPath(resource: "version" | "guestfs" | "healthz"): string {
  return `/apis/${subresourceGroup.name}/${subresourceGroup.versions[0]}/${resource}`;
}

function path(resource: string, { namespace, name }: ObjectName, subresource: string): string {
  const { name: groupName, versions } = subresourceGroup;
  const object = `namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`;
  return `/apis/${groupName}/${versions[0]}/${object}/${subresource}`;
}
