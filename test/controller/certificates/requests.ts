import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { daemonSigner, daemonUsages, nodeNameClaim } from "../../../api/contract/daemon-certificate.ts";
import type { CertificateRequest } from "../../../api/kube/resources/certificate-requests.ts";
import { signingRequest } from "../../../node-daemon/certificate/signing-request.ts";

export const daemonUser = "system:serviceaccount:kubevirt:virt-node-daemon";

/** Makes a key like a node daemon's. */
export const aKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

/** Makes a request of a node's daemon, as in the API server; parts of its spec can be replaced. */
export function aRequest(node: string, request: string, spec: Partial<CertificateRequest["spec"]> = {}) {
  return {
    spec: {
      signerName: daemonSigner,
      request: Buffer.from(request).toString("base64"),
      usages: [...daemonUsages],
      username: daemonUser,
      extra: { [nodeNameClaim]: [node] },
      ...spec,
    },
  };
}

/** Makes the text of a signing request of a key for a name. */
export const requestOf = (key: KeyObject, name = "node-1.virt-node-daemon"): string => signingRequest(key, name);
