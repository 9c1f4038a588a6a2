import { ApiError } from "../../api/kube/errors.ts";
import { finalizers } from "../../api/labels.ts";
import { instances, machines, type VirtualMachine } from "../../api/resources.ts";
import { seen } from "../seen.ts";
import type { MachineContext } from "./context.ts";
import { instanceOf } from "./instance.ts";
import { keepRevision } from "./revision.ts";
import { isHeld } from "./status.ts";

/**
 * Makes a machine's instance, after the finalizer that has the machine wait for its end; most machines are made with it
 * (`deploy/objects/machine-finalizer.ts`). Resolves to whether it was made;
 * where one of the name is there already, the next reconcile sees whose it is.
 */
export async function start(context: MachineContext, paused: boolean): Promise<boolean> {
  const { client, world, events, signal } = context;
  const machine = isHeld(context) ? context.machine : await hold(context);
  await keepRevision(client, machine, signal);
  try {
    const created = await client.create(instances, instanceOf(machine, { paused }), { signal });
    events.started(machine);
    await seen(world.instances.store, created, signal);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.isAlreadyExists) return false;
    throw error;
  }
}

async function hold({ client, world, machine, signal }: MachineContext): Promise<VirtualMachine> {
  const { name = "", namespace = "", resourceVersion, finalizers: held = [] } = machine.metadata;
  const patch = { metadata: { resourceVersion, finalizers: [...held, finalizers.machine] } };
  const written = await client.mergePatch(machines, { name, namespace }, patch, { signal });
  await seen(world.machines.store, written, signal);
  return written;
}

/** Has a halted machine that was asked to start run from now on; the request stays, and may ask for more. */
export async function turnOn({ client, machine, signal }: MachineContext): Promise<void> {
  const { name = "", namespace = "", resourceVersion } = machine.metadata;
  const spec = machine.spec.runStrategy === undefined ? { running: true } : { runStrategy: "Always" };
  await client.mergePatch(machines, { name, namespace }, { metadata: { resourceVersion }, spec }, { signal });
}
