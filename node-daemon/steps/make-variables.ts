import type { StepContext } from "./context.ts";

/** Makes UEFI's variables, from the template of the node's firmware. Where there is no UEFI, defining tells so. */
export async function makeVariables({ host, paths, ports }: StepContext): Promise<void> {
  if (host.uefi) await ports.storage.makeVariables(paths.variables, host.uefi.variables);
}
