import type { StateChangeRequest } from "../../api/schema/virtual-machine.ts";
import { isFinal } from "../../api/status/phases.ts";
import { type RunStrategy, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import { isToPause } from "./requests.ts";

/** The next step for a machine's instance. */
export type Decision =
  | { readonly action: "none" }
  | { readonly action: "start"; readonly paused: boolean }
  /** Start, but only after a time in milliseconds. */
  | { readonly action: "wait"; readonly after: number }
  | { readonly action: "stop"; readonly instance: SlimInstance }
  /** The machine was halted and a request starts it: from now on it must run. */
  | { readonly action: "turnOn" };

export interface Situation {
  readonly machine: SlimMachine;
  readonly instance: SlimInstance | undefined;
  /** The pending requests. */
  readonly requests: readonly StateChangeRequest[];
  /** Milliseconds until the machine may start again after failed starts; zero or less when it may start now. */
  readonly startsIn: number;
}

const none: Decision = { action: "none" };

/** Decides by a machine's run strategy and requests. */
export function decide(situation: Situation): Decision {
  const { machine, instance } = situation;
  const strategy = runStrategyOf(machine.spec);
  // Wait until a terminating instance is gone.
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
  // An ended instance stays, so that users can see how it ended, until another one must start.
  return ended && request?.action === "Start" ? stop : none;
}

function withoutInstance(strategy: RunStrategy, situation: Situation): Decision {
  const { machine, requests, startsIn: left } = situation;
  const [request] = requests;
  const asked = request?.action === "Start";
  // The status has the last strategy. A new strategy has not had its first start. After a failure, `run` adds a request.
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
