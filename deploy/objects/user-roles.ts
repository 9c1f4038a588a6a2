import { group } from "../../api/group.ts";
import { names } from "./names.ts";
import type { Manifest } from "./object.ts";
import { bindingToAuthenticated, clusterRole, type Rule } from "./rule.ts";

const subresources = (resources: readonly string[], verbs: readonly string[]): Rule => ({
  apiGroups: [names.group],
  resources,
  verbs,
});

const ofMachines = (...of: readonly string[]): string[] => of.map((one) => `virtualmachines/${one}`);
const ofInstances = (...of: readonly string[]): string[] => of.map((one) => `virtualmachineinstances/${one}`);

const screens = subresources([...ofInstances("console", "vnc", "portforward"), ...ofMachines("portforward")], ["get"]);
// A screenshot shows another user's work without that user's knowledge: only for admins, as in KubeVirt since 1.8.2.
const pictures = subresources(ofInstances("vnc/screenshot"), ["get"]);
const actions = subresources(
  [
    ...ofMachines("start", "stop", "restart"),
    ...ofInstances("pause", "unpause", "softreboot", "reset", "freeze", "unfreeze"),
  ],
  ["update"],
);
// Users who may read the logs of pods may read those of guests.
const readings = subresources([...ofMachines("expand-spec"), ...ofInstances("log")], ["get"]);
const expansion = subresources(["expand-vm-spec"], ["update"]);

const everyVerb = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const kinds = (resources: readonly string[], verbs: readonly string[]): Rule => ({
  apiGroups: [group.name],
  resources,
  verbs,
});
const machines = ["virtualmachines", "virtualmachineinstances"];

const admin: readonly Rule[] = [kinds(machines, everyVerb), screens, pictures, actions, readings, expansion];
const edit: readonly Rule[] = [kinds(machines, everyVerb), screens, actions, readings, expansion];
const view: readonly Rule[] = [kinds(machines, ["get", "list", "watch"]), readings, expansion];

const aggregated = (name: string): Record<string, string> => ({
  [`rbac.authorization.k8s.io/aggregate-to-${name}`]: "true",
});

/** The roles of users. Admins, editors and viewers of a namespace get theirs by aggregation. */
export const userRoles: readonly Manifest[] = [
  clusterRole("kubevirt.io:admin", admin, aggregated("admin")),
  clusterRole("kubevirt.io:edit", edit, aggregated("edit")),
  clusterRole("kubevirt.io:view", view, aggregated("view")),
  // Not every editor of machines may move them between nodes.
  clusterRole("kubevirt.io:migrate", [
    subresources(ofMachines("migrate"), ["update"]),
    kinds(["virtualmachineinstancemigrations"], everyVerb),
  ]),
  clusterRole("kubevirt.io:default", [
    subresources(["version", "guestfs"], ["get", "list"]),
    kinds(["kubevirts"], ["get", "list"]),
  ]),
  bindingToAuthenticated("kubevirt.io:default"),
];
