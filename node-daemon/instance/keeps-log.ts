import type { VirtualMachineInstance } from "../../api/resources.ts";

/** Whether what the serial console prints is to be kept. */
export function keepsLog({ spec }: VirtualMachineInstance): boolean {
  return spec.domain.devices?.logSerialConsole !== false;
}
