import { group } from "../../api/group.ts";
import type { Event } from "../../api/kube/events.ts";
import type { Described } from "./description.ts";

/**
 * Those of a name's events that are about what is described, and not about an earlier machine of that name. A machine's
 * runs belong to it, also those that have ended; an instance alone is described by itself.
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
    // Whose an instance was that is gone nobody knows any more, but no machine had one before it was made. The times that
    // an event tells are its author's, a node's; these two are both the API server's.
    return kind === "VirtualMachineInstance" && Date.parse(event.metadata?.creationTimestamp ?? "") >= made;
  });
}
