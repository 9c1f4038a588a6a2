import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";

/** How our servers speak TLS. */
export const serverTls: Pick<SecureContextOptions, "minVersion" | "secureOptions"> = {
  minVersion: "TLSv1.2",
  // A resumed session would be trusted by the authority of the day on which it began.
  secureOptions: constants.SSL_OP_NO_TICKET,
};
