import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Ending } from "../drivers/ending.ts";
import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { Placeholder } from "../instance/placeholder.ts";

/** How an instance has ended, by its remains. Whether the end is a failure depends on the requester of the end. */
export function endingOf(
  instance: VirtualMachineInstance | undefined,
  placeholder: Placeholder,
  domain: DomainObservation | undefined,
  started: boolean,
): Ending {
  const reason = domain?.state === "off" ? domain.reason : undefined;
  if (instance?.metadata.deletionTimestamp) {
    if (!started) return { phase: "Succeeded", message: "The machine was deleted before it ran." };
    if (reason === "CRASHED") return failed("QEMU crashed or was killed while the guest shut down.");
    if (reason === "DESTROYED") {
      return { phase: "Succeeded", message: "The guest did not shut down in time and was stopped by force." };
    }
    return { phase: "Succeeded", message: "The machine was shut down." };
  }
  // No user with the right to stop machines asked for this: the run strategy may start the machine again.
  if (placeholder.state === "deleted" || placeholder.state === "ended") {
    return failed(`The machine was stopped: ${placeholder.why}.`);
  }
  if (reason === "SHUTDOWN") return { phase: "Succeeded", message: "The guest shut itself down." };
  return failed(failures[reason ?? ""] ?? "The machine is gone from its node; how it ended is not known.");
}

/** Messages for libvirt's reasons of an end that nobody asked for. */
const failures: Readonly<Record<string, string>> = {
  CRASHED: "QEMU crashed or was killed.",
  DESTROYED: "The machine was stopped on its node by somebody else.",
  FAILED: "QEMU could not be started.",
};

function failed(message: string): Ending {
  return { phase: "Failed", message };
}
