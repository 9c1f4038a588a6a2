import { flags, optional, string, uint, usize } from "../wire/shape.ts";
import { Program, procedures, stream } from "./procedure.ts";
import { domain, storageVol } from "./structs.ts";

/** Procedures that open a stream. */
export const streamProcedures = procedures(Program.REMOTE, {
  domainOpenConsole: stream(201, { dom: domain, devName: optional(string), flags }),
  storageVolUpload: stream(208, { vol: storageVol, offset: usize, length: usize, flags }),
  storageVolDownload: stream(209, { vol: storageVol, offset: usize, length: usize, flags }),
  domainScreenshot: stream(211, { dom: domain, screen: uint, flags }, { mime: optional(string) }),
  domainOpenChannel: stream(296, { dom: domain, name: optional(string), flags }),
});
