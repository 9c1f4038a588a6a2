import type { VirtualMachineInstance } from "../../api/resources.ts";

/** Whether the daemon keeps a log of the serial console. */
export function keepsLog({ spec }: VirtualMachineInstance): boolean {
  return spec.domain.devices?.logSerialConsole !== false;
}
