import type { StateChangeRequest } from "../../api/schema/virtual-machine.ts";
import { isFinal } from "../../api/status/phases.ts";
import { type RunStrategy, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { isToPause } from "./requests.ts";

/** What is to be done with a machine's instance. */
export type Decision =
  | { readonly action: "none" }
  | { readonly action: "start"; readonly paused: boolean }
  /** Start, but not before a time in milliseconds has passed. */
  | { readonly action: "wait"; readonly after: number }
  | { readonly action: "stop"; readonly instance: SlimInstance }
  /** The machine was halted and asked to start: from now on it is to run. */
  | { readonly action: "turnOn" };

export interface Situation {
  readonly machine: SlimMachine;
  readonly instance: SlimInstance | undefined;
  /** The requests that are not done yet. */
  readonly requests: readonly StateChangeRequest[];
  /** Milliseconds until it may be started again after starts that failed; zero or less when it may be now. */
  readonly startsIn: number;
}

const none: Decision = { action: "none" };

/** What the run strategy of a machine, and requests to it, ask for. */
export function decide(situation: Situation): Decision {
  const { machine, instance } = situation;
  const strategy = runStrategyOf(machine.spec);
  // An instance on its way out is waited for.
  if (instance?.metadata.deletionTimestamp !== undefined) return none;
  return instance ? withInstance(strategy, instance, situation.requests) : withoutInstance(strategy, situation);
}

function withInstance(
  strategy: RunStrategy,
  instance: SlimInstance,
  [request]: readonly StateChangeRequest[],
): Decision {
  const stop: Decision = { action: "stop", instance };
  const ended = isFinal(instance.status?.phase);
  if (request?.action === "Stop") return stop;
  switch (strategy) {
    case "Halted":
      return stop;
    case "Always":
    case "RerunOnFailure":
      return ended ? stop : none;
    case "Manual":
    case "Once":
      break;
  }
  // An instance that has ended is kept for who wants to know how, until there is to be another one.
  return ended && request?.action === "Start" ? stop : none;
}

function withoutInstance(strategy: RunStrategy, situation: Situation): Decision {
  const { machine, requests, startsIn: left } = situation;
  const [request] = requests;
  const asked = request?.action === "Start";
  // What was in force last says whether this strategy has had its first start.
  const isNew = machine.status?.runStrategy !== strategy;
  const start: Decision = { action: "start", paused: asked && isToPause(request) };
  switch (strategy) {
    case "Halted":
      return asked ? { action: "turnOn" } : none;
    case "Always":
      return left > 0 ? { action: "wait", after: left } : start;
    case "RerunOnFailure":
      if (!asked && !isNew) return none;
      return left > 0 ? { action: "wait", after: left } : start;
    case "Once":
      return asked || isNew ? start : none;
    case "Manual":
      break;
  }
  return asked ? start : none;
}
