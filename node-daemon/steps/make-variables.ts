import { uefiOf } from "../domain-xml/firmware.ts";
import { instanceOf, type StepContext } from "./context.ts";

/** Makes the UEFI variables, from the template of the node's firmware. Throws when the node lacks the firmware. */
export async function makeVariables(context: StepContext): Promise<void> {
  const { host, paths, drivers } = context;
  const uefi = uefiOf(instanceOf(context).spec, host);
  if (uefi) await drivers.disks.makeVariables(paths.variables, uefi.variables);
}
