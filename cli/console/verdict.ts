import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import { conditionOf } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";
import { runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { Closed } from "./connection.ts";

/** A machine and its instance in the API. An instance may exist without a machine. */
export interface State {
  readonly machine: VirtualMachine | undefined;
  readonly instance: VirtualMachineInstance | undefined;
}

/** The next action of a console after the end of its connection. */
export type Verdict =
  | { readonly next: "reconnect"; readonly text: string }
  /** The machine has stopped and will start again. */
  | { readonly next: "wait"; readonly text: string }
  | { readonly next: "end"; readonly text: string; readonly exitCode: number };

/** Whether a server ended a session for good because another session took over. */
export function isDisplaced({ code, reason }: Closed): boolean {
  return code !== 1000 && reason.includes("EOF");
}

/** Whether an instance is missing, has ended, or is being deleted. */
export function hasStopped(instance: VirtualMachineInstance | undefined): boolean {
  return !instance || instance.metadata.deletionTimestamp !== undefined || isFinal(instance.status?.phase);
}

/** Decides by the end of the connection and the machine's state; `state` is missing if it is unknown. */
export function verdictOn(name: string, closed: Closed, state: State | undefined): Verdict {
  const { code, reason } = closed;
  if (isDisplaced(closed)) {
    return { next: "end", text: reason.replace(/^.*?EOF:?\s*/, "") || "another client has taken over", exitCode: 1 };
  }
  if (state && (hasStopped(state.instance) || code === 1000)) {
    const why = endOf(state, reason);
    if (startsAgain(state)) return { next: "wait", text: `${name} has stopped${why}; waiting for it to start again` };
    return { next: "end", text: `${name} has stopped${why}`, exitCode: 0 };
  }
  if (!state && code === 1000) return { next: "end", text: reason || `the console of ${name} was closed`, exitCode: 0 };
  return { next: "reconnect", text: `connection lost (${reason || nameOf(code)}); reconnecting` };
}

function endOf({ instance }: State, reason: string): string {
  const { phase, reason: why, conditions } = instance?.status ?? {};
  const told = reason || conditionOf(conditions, "Ready")?.message || why;
  if (told) return `: ${told}`;
  return isFinal(phase) ? ` (${phase})` : "";
}

/** Whether the controller will make another instance. */
export function startsAgain({ machine, instance }: State): boolean {
  if (!machine || machine.metadata.deletionTimestamp) return false;
  const { printableStatus, stateChangeRequests = [] } = machine.status ?? {};
  if (stateChangeRequests.some(({ action }) => action === "Start")) return true;
  if (["Starting", "Provisioning", "CrashLoopBackOff"].includes(printableStatus ?? "")) return true;
  const strategy = runStrategyOf(machine.spec);
  return strategy === "Always" || (strategy === "RerunOnFailure" && instance?.status?.phase === "Failed");
}

function nameOf(code: number): string {
  const names: Readonly<Record<number, string>> = {
    1001: "the server went away",
    1006: "it was cut",
    1008: "the server does not take a message in so many pieces",
    1009: "the server does not take a message that is so long",
    1011: "the server failed",
    1012: "the server restarts",
    1013: "the server has no room for it",
  };
  return names[code] ?? `code ${code}`;
}
