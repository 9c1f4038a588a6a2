import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";

/** The TLS settings of our servers. */
export const serverTls: Pick<SecureContextOptions, "minVersion" | "secureOptions"> = {
  minVersion: "TLSv1.2",
  // A resumed session would keep the trust of the authority that was in force when the session began.
  secureOptions: constants.SSL_OP_NO_TICKET,
};
