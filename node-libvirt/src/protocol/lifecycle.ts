/* oxlint-disable typescript/no-unsafe-type-assertion -- the tables say which names belong together */
import { DomainEventType, eventDetails } from "../constants/domain-event.ts";
import { DomainState, stateReasons } from "../constants/domain-state.ts";
import { type Name, type Names, nameOf } from "./names.ts";

type Unknown = `UNKNOWN_${number}`;

/** A lifecycle event, and its detail. */
export type LifecycleDetail =
  | {
      [E in keyof typeof eventDetails]: { event: E; detail: Name<(typeof eventDetails)[E]> };
    }[keyof typeof eventDetails]
  | { event: Unknown; detail: Unknown };

/** A domain's state, and its reason. */
export type StateReason =
  | {
      [S in keyof typeof stateReasons]: { state: S; reason: Name<(typeof stateReasons)[S]> };
    }[keyof typeof stateReasons]
  | { state: Unknown; reason: Unknown };

/** Names a lifecycle event and its detail. The detail's number has a meaning only together with the event's. */
export function lifecycleDetail(event: number, detail: number): LifecycleDetail {
  const name = nameOf(DomainEventType, event);
  const table: Names = Object.hasOwn(eventDetails, name) ? eventDetails[name as keyof typeof eventDetails] : {};
  return { event: name, detail: nameOf(table, detail) } as LifecycleDetail;
}

/** Names a state and its reason. */
export function stateReason(state: number, reason: number): StateReason {
  const name = nameOf(DomainState, state);
  const table: Names = Object.hasOwn(stateReasons, name) ? stateReasons[name as keyof typeof stateReasons] : {};
  return { state: name, reason: nameOf(table, reason) } as StateReason;
}
