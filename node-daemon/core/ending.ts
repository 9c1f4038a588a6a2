import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Ending } from "../drivers/ending.ts";
import type { DomainObservation } from "../drivers/hypervisor.ts";
import type { Placeholder } from "../instance/placeholder.ts";

/** How an instance has ended, from what is left of it. Who asked for the end decides whether it is a failure. */
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
  // Nobody who may stop machines has asked for it: it is to run again where that is the strategy.
  if (placeholder.state === "deleted" || placeholder.state === "ended") {
    return failed(`The machine was stopped: ${placeholder.why}.`);
  }
  if (reason === "SHUTDOWN") return { phase: "Succeeded", message: "The guest shut itself down." };
  return failed(failures[reason ?? ""] ?? "The machine is gone from its node; how it ended is not known.");
}

/** What libvirt's reasons of an end that nobody asked for mean. */
const failures: Readonly<Record<string, string>> = {
  CRASHED: "QEMU crashed or was killed.",
  DESTROYED: "The machine was stopped on its node by somebody else.",
  FAILED: "QEMU could not be started.",
};

function failed(message: string): Ending {
  return { phase: "Failed", message };
}
