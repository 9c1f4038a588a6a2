/**
 * Text for people: a machine does not run, or not "yet". It shows the state only if the API server gave one: a new
 * machine has none, and a user may have no right to read it.
 */
export function notRunning(name: string, state?: string, when?: "yet"): string {
  return `${name} is not running${when ? ` ${when}` : ""}${state === undefined ? "" : ` (${state})`}`;
}
