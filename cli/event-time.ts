import type { Event } from "../api/kube/events.ts";

/** Returns the time of an event's last occurrence in the API's format; empty if the event has none. */
export function eventTime({ lastTimestamp, eventTime: once, metadata }: Event): string {
  return lastTimestamp ?? once ?? metadata?.creationTimestamp ?? "";
}
