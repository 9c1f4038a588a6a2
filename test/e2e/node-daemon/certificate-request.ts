import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { daemonSigner, daemonUsages } from "../../../api/contract/daemon-certificate.ts";
import type { CertificateRequest } from "../../../api/kube/resources/certificate-requests.ts";
import { signingRequest } from "../../../node-daemon/certificate/signing-request.ts";

/** Makes a request for a daemon's certificate with a new key and a name; parts of its spec can be replaced. */
export function aRequest(
  spec: Partial<CertificateRequest["spec"]> = {},
  name = "node-1.virt-node-daemon",
): CertificateRequest & { key: KeyObject } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const request = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: `of-a-test-${randomBytes(5).toString("hex")}` },
    spec: {
      signerName: daemonSigner,
      request: Buffer.from(signingRequest(privateKey, name)).toString("base64"),
      usages: [...daemonUsages],
      ...spec,
    },
  };
  // Not enumerable, so the client does not send it.
  return Object.defineProperty(request, "key", { value: privateKey, enumerable: false }) as typeof request & {
    key: KeyObject;
  };
}
