import { array, flags, int, optional, string, struct, uint, usize } from "../wire/shape.ts";
import { call, job, Program, procedures } from "./procedure.ts";
import { domain, domainInterface } from "./structs.ts";
import { params } from "./typed-params.ts";

const guestLists = { dom: domain, mountpoints: array(string), flags };

/** Procedures that the guest agent answers, so each may take as long as the guest takes. */
export const guestProcedures = procedures(Program.REMOTE, {
  domainGetHostname: job(277, { dom: domain, flags }, { hostname: string }),
  domainFstrim: job(294, { dom: domain, mountPoint: optional(string), minimum: usize, flags }),
  domainFsfreeze: job(335, guestLists, { filesystems: int }),
  domainFsthaw: job(336, guestLists, { filesystems: int }),
  domainGetTime: job(337, { dom: domain, flags }, { seconds: usize, nseconds: uint }),
  domainSetTime: job(338, { dom: domain, seconds: usize, nseconds: uint, flags }),
  domainGetFsinfo: job(
    349,
    { dom: domain, flags },
    {
      info: array(struct({ mountpoint: string, name: string, fstype: string, devAliases: array(string) })),
      count: uint,
    },
  ),
  domainInterfaceAddresses: job(353, { dom: domain, source: uint, flags }, { ifaces: array(domainInterface) }),
  domainSetUserPassword: job(357, { dom: domain, user: optional(string), password: optional(string), flags }),
  domainGetGuestVcpus: job(371, { dom: domain, flags }, { params }),
  domainSetGuestVcpus: job(372, { dom: domain, cpumap: string, state: int, flags }),
  domainGetGuestInfo: job(418, { dom: domain, types: uint, flags }, { params }),
  domainAgentSetResponseTimeout: call(420, { dom: domain, timeout: int, flags }, { result: int }),
  domainAuthorizedSshKeysGet: job(424, { dom: domain, user: string, flags }, { keys: array(string) }),
  domainAuthorizedSshKeysSet: job(425, { dom: domain, user: string, keys: array(string), flags }),
});
