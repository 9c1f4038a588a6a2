import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";

/** The TLS settings of our servers. */
export const serverTls: Pick<SecureContextOptions, "minVersion" | "secureOptions"> = {
  minVersion: "TLSv1.2",
  // A resumed session would still be trusted by the authority from when it began.
  secureOptions: constants.SSL_OP_NO_TICKET,
};
