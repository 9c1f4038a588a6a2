import { group } from "../../api/group.ts";
import type { Event } from "../../api/kube/events.ts";
import type { Described } from "./description.ts";

/**
 * Filters the events of a name: keeps those about the described machine, and drops those about an earlier machine of
 * the same name. A machine's past instances belong to it. An instance without a machine has only its own events.
 */
export function ownEvents(
  events: readonly Event[],
  { machine, instance }: Pick<Described, "machine" | "instance">,
): Event[] {
  const uids = [machine, instance].flatMap((object) => object?.metadata.uid ?? []);
  const made = Date.parse(machine?.metadata.creationTimestamp ?? "");
  return events.filter((event) => {
    const { apiVersion, kind, uid } = event.involvedObject;
    if (!apiVersion?.startsWith(`${group.name}/`)) return false;
    if (uid !== undefined && uids.includes(uid)) return true;
    // Nothing shows the owner of a past instance, but no machine had an instance before its own creation. Compare two
    // times of the API server: the other times in an event come from its author, a node.
    return kind === "VirtualMachineInstance" && Date.parse(event.metadata?.creationTimestamp ?? "") >= made;
  });
}
