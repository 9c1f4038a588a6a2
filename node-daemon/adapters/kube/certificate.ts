import { randomBytes } from "node:crypto";
import { daemonSigner, daemonUsages } from "../../../api/contract/daemon-certificate.ts";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { backoffDelay } from "../../../api/kube/controller/backoff.ts";
import { type CertificateRequest, certificateRequests } from "../../../api/kube/resources/certificate-requests.ts";
import { sleep } from "../../../api/kube/sleep.ts";

/** After this many polls, which take half an hour, the daemon creates a new request. */
const mostLooks = 250;

/**
 * Has the controller sign a request (PEM), and resolves to the certificate (PEM). Throws when the controller refuses,
 * or does not answer for long; an ApiError (`isNotFound`) when Kubernetes has deleted the request as too old.
 */
export async function requestCertificate(
  client: KubeClient,
  { node, request }: { node: string; request: string },
  signal: AbortSignal,
): Promise<string> {
  const name = `virt-node-daemon-${node}-${randomBytes(5).toString("hex")}`;
  let asked: CertificateRequest = await client.create(
    certificateRequests,
    {
      apiVersion: "certificates.k8s.io/v1",
      kind: certificateRequests.kind,
      metadata: { name },
      spec: {
        signerName: daemonSigner,
        request: Buffer.from(request).toString("base64"),
        usages: [...daemonUsages],
      },
    },
    { signal },
  );
  for (let looks = 1; looks <= mostLooks; looks += 1) {
    const { certificate, conditions = [] } = asked.status ?? {};
    const refusal = conditions.find(({ type }) => type === "Denied" || type === "Failed");
    if (refusal) throw new Error(`request ${name} is ${refusal.type}: ${refusal.message}`);
    if (certificate) return Buffer.from(certificate, "base64").toString();
    await sleep(backoffDelay(looks, { base: 200, max: 10_000 }), signal);
    asked = await client.get(certificateRequests, { name }, { signal });
  }
  throw new Error(`request ${name} has not been answered: no controller is there that signs for node daemons`);
}
