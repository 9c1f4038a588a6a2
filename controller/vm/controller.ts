import { Controller, type ControllerMetrics, type Outcome } from "../../api/kube/controller/controller.ts";
import { itself } from "../../api/kube/controller/source.ts";
import type { Log } from "../../api/kube/log.ts";
import { machines } from "../../api/resources.ts";
import { FirstSeen } from "../cache/first-seen.ts";
import { slimInstances } from "../cache/slim-instance.ts";
import { slimMachines } from "../cache/slim-machine.ts";
import { failedAsGone } from "../gone.ts";
import { adopt, controls } from "./adopt.ts";
import type { MachineContext, MachineDependencies, MachineStage } from "./context.ts";
import { finalize } from "./finalize.ts";
import { run } from "./run.ts";

const stages: readonly MachineStage[] = [adopt, finalize, run];

export interface MachineControllerOptions extends MachineDependencies {
  readonly metrics?: ControllerMetrics;
  readonly log: Log;
  readonly concurrency?: number;
}

/** Starts and stops machines by their run strategies. */
export function machineController(options: MachineControllerOptions): Controller {
  const { cache, metrics, log, concurrency = 16 } = options;
  const firstSeen = new FirstSeen();
  return new Controller({
    name: "vm",
    reconcile: (key, signal) => reconcile(options, firstSeen, key, signal),
    // An instance has the name of its machine, and so the same key.
    sources: [itself(cache.machines), itself(cache.instances)],
    concurrency,
    log,
    ...(metrics ? { metrics } : {}),
  });
}

async function reconcile(
  dependencies: MachineDependencies,
  firstSeen: FirstSeen,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { client, cache, events } = dependencies;
  const { wholeReader } = cache;
  const cached = cache.machines.store.get(key);
  if (!cached) return "done";
  try {
    const machine = await wholeReader.slim(slimMachines, cached, signal);
    const heldInstance = cache.instances.store.get(key);
    const present = heldInstance && (await wholeReader.slim(slimInstances, heldInstance, signal));
    const isOurs = present !== undefined && controls(machine, present);
    const context: MachineContext = {
      client,
      cache,
      events,
      machine,
      withWhole: wholeReader.withWhole(machines, cached, machine.metadata, signal),
      instance: isOurs ? present : undefined,
      foreignInstance: isOurs ? undefined : present,
      firstSeen,
      now: new Date(),
      signal,
    };
    for (const stage of stages) {
      const outcome = await stage(context);
      if (outcome !== undefined) return outcome;
    }
  } catch (error) {
    // The machine or its namespace was deleted: nothing is left to do.
    if (!(await failedAsGone(error, client, machines, cached.metadata, signal))) throw error;
  }
  return "done";
}
