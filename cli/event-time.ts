import type { Event } from "../api/kube/events.ts";

/** When an event was last seen, as the API writes it; empty where nothing is told. */
export function eventTime({ lastTimestamp, eventTime: once, metadata }: Event): string {
  return lastTimestamp ?? once ?? metadata?.creationTimestamp ?? "";
}
