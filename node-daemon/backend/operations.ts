import { deafToReboot, hasAcpi } from "../../api/acpi.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import { keyOfIdentity } from "../core/known-instances.ts";
import type { LocalInstances } from "../core/local-instances.ts";
import { freezesWithin } from "../core/observe.ts";
import type { Clock } from "../drivers/clock.ts";
import type { DomainObservation, Hypervisor } from "../drivers/hypervisor.ts";
import type { Notes } from "../drivers/notes.ts";
import { domainName } from "../instance/identity.ts";
import { type InstancePaths, instancePaths } from "../instance/paths.ts";
import type { Instance, OperationOptions, Operations } from "../server/backend.ts";

export interface OperationsOptions {
  readonly localInstances: Pick<LocalInstances, "find">;
  readonly hypervisor: Hypervisor;
  readonly notes: Pick<Notes, "noteFreeze" | "forgetFreeze">;
  readonly clock: Clock;
  readonly stateFolder: string;
  /** Called with an instance's key after a change that no event reports. */
  readonly changed: (key: string) => void;
}

/** An instance as found for an operation. */
interface Found {
  readonly instance: Instance;
  readonly domain: string;
  readonly observed: DomainObservation;
  readonly spec: VirtualMachineInstance["spec"] | undefined;
  readonly paths: InstancePaths;
  readonly options: OperationOptions;
}

/** The operations on instances that users request. */
export function operationsOf(dependencies: OperationsOptions): Operations {
  const { hypervisor, localInstances, stateFolder } = dependencies;
  const on =
    (act: (found: Found) => Promise<void>): Operations["pause"] =>
    async (instance, _signal, options = {}) => {
      const domain = domainName(instance);
      const observed = await hypervisor.observe(domain);
      if (!observed || observed.identity.uid !== instance.uid || observed.state === "off") {
        throw new StatusError(409, "VMI is not running");
      }
      const spec = localInstances.find(instance.namespace, instance.name)?.instance.spec;
      const paths = instancePaths(stateFolder, instance.uid);
      await act({ instance, domain, observed, spec, paths, options });
    };
  return {
    pause: on(({ domain }) => hypervisor.pause(domain)),
    unpause: on(({ domain }) => hypervisor.resume(domain)),
    reset: on(({ domain }) => hypervisor.reset(domain)),
    softreboot: on(async ({ domain, observed, spec }) => {
      // Without ACPI the guest does not hear the power button, and libvirt would report success.
      if (spec && !observed.agent && !hasAcpi(spec.domain)) throw new StatusError(409, deafToReboot);
      await hypervisor.reboot(domain);
    }),
    freeze: on((found) => freeze(found, dependencies)),
    unfreeze: on((found) => unfreeze(found, dependencies)),
  };
}

/**
 * Freezes a guest and notes the time limit. The note comes first, so that the guest thaws in time even if this daemon
 * dies. A guest that is frozen already gets the new time limit.
 */
async function freeze(
  { instance, domain, observed, paths, options: { thawAfter } }: Found,
  { hypervisor, notes, clock, changed }: OperationsOptions,
): Promise<void> {
  requireAgent(observed);
  const note = (isDone: boolean, more: number) => {
    const since = clock.sinceBoot();
    const until = thawAfter === undefined ? {} : { until: since + thawAfter + more };
    return notes.noteFreeze(paths, { boot: clock.boot, since, isDone, ...until });
  };
  const wasFrozen = await hypervisor.isFrozen(domain);
  try {
    await note(wasFrozen === true, wasFrozen ? 0 : freezesWithin);
    if (!wasFrozen) {
      await hypervisor.freeze(domain);
      await note(true, 0);
    }
  } catch (error) {
    if (!wasFrozen) await notes.forgetFreeze(paths);
    throw error;
  } finally {
    changed(keyOfIdentity(instance));
  }
}

async function unfreeze(
  { instance, domain, observed, paths }: Found,
  { hypervisor, notes, changed }: OperationsOptions,
): Promise<void> {
  requireAgent(observed);
  await hypervisor.thaw(domain);
  await notes.forgetFreeze(paths);
  changed(keyOfIdentity(instance));
}

function requireAgent({ agent }: DomainObservation): void {
  if (!agent) throw new StatusError(409, "VMI does not have guest agent connected");
}
