import { flags, int, optional, string } from "../wire/shape.ts";
import { call, job, Program, procedures } from "./procedure.ts";
import { domain } from "./structs.ts";

/** QEMU's own program: its monitor, and raw commands to the guest agent. */
export const qemuProcedures = procedures(Program.QEMU, {
  qemuDomainMonitorCommand: job(1, { dom: domain, cmd: string, flags }, { result: string }),
  qemuDomainAgentCommand: job(3, { dom: domain, cmd: string, timeout: int, flags }, { result: optional(string) }),
  qemuConnectDomainMonitorEventRegister: call(
    4,
    { dom: optional(domain), event: optional(string), flags },
    { callbackID: int },
  ),
  qemuConnectDomainMonitorEventDeregister: call(5, { callbackID: int }),
});
