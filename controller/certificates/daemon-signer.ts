import { daemonSigner, daemonUserIn } from "../../api/contract/daemon-certificate.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { Controller, type Outcome } from "../../api/kube/controller/controller.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import { itself } from "../../api/kube/controller/source.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { type CertificateRequest, certificateRequests } from "../../api/kube/resources/certificate-requests.ts";
import type { Value } from "../api-server/watched-value.ts";
import { type Authorities, validityAt } from "./authorities.ts";
import { certify } from "./authority.ts";
import { defaultPolicy, type Policy } from "./policy.ts";
import { daemonSubject } from "./subjects.ts";
import { type Verdict, verdictOn } from "./verdict-on-request.ts";

export interface DaemonSignerOptions {
  readonly client: KubeClient;
  /** The namespace of the add-on. */
  readonly namespace: string;
  /** The signing authorities. */
  readonly authorities: Value<Authorities>;
  readonly policy?: Policy;
  readonly now?: () => number;
  readonly log?: Log;
}

/**
 * Answers the node daemons' requests for their serving certificates, until the signal is aborted. Any number of
 * controllers may do so at once: each write fails if another one was quicker.
 */
export async function signForDaemons(options: DaemonSignerOptions, signal: AbortSignal): Promise<void> {
  const { client, log = noLog } = options;
  const requests = new Reflector(client, certificateRequests, {
    fieldSelector: `spec.signerName=${daemonSigner}`,
    log,
  });
  const controller = new Controller({
    name: "daemon-certificates",
    reconcile: async (key, ending) => {
      const request = requests.store.get(key);
      return request ? answer(request, options, ending) : "done";
    },
    sources: [itself(requests)],
    log,
  });
  await Promise.all([controller.run(signal), requests.run(signal)]);
}

async function answer(
  request: CertificateRequest,
  options: DaemonSignerOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  if (request.status?.certificate || has(request, "Denied") || has(request, "Failed")) return "done";
  const { client, namespace, authorities, policy = defaultPolicy, now = Date.now, log = noLog } = options;
  const verdict = await verdictOn(request, daemonUserIn(namespace));
  const name = request.metadata?.name ?? "";
  try {
    // A request that another approver has approved cannot be denied. It is signed by the same rules as any other.
    const isApproved = has(request, "Approved");
    const decided = isApproved ? request : await decide(client, request, verdict, signal);
    if (verdict.kind === "refuse") {
      log("warn", "certificate of a node daemon refused", { request: name, reason: verdict.message });
      return "done";
    }
    const authority = (await authorities.known(signal)).current;
    const certificate = await certify(
      authority,
      daemonSubject(verdict.node),
      validityAt(now(), policy.certificate),
      verdict.publicKey,
    );
    const patch = {
      metadata: { resourceVersion: decided.metadata?.resourceVersion },
      status: { certificate: Buffer.from(certificate).toString("base64") },
    };
    await client.mergePatch(certificateRequests, { name }, patch, { subresource: "status", signal });
    log("info", "certificate of a node daemon signed", { node: verdict.node, request: name });
    return "done";
  } catch (error) {
    // Kubernetes has deleted the request because of its age.
    if (error instanceof ApiError && error.isNotFound) return "done";
    throw error;
  }
}

async function decide(
  client: KubeClient,
  { metadata, status }: CertificateRequest,
  verdict: Verdict,
  signal: AbortSignal,
): Promise<CertificateRequest> {
  const condition =
    verdict.kind === "sign"
      ? { type: "Approved", status: "True", reason: "NodeDaemon", message: `for the daemon of node ${verdict.node}` }
      : { type: "Denied", status: "True", reason: "NoNodeDaemon", message: verdict.message };
  const patch = {
    metadata: { resourceVersion: metadata?.resourceVersion },
    status: { conditions: [...(status?.conditions ?? []), condition] },
  };
  const name = metadata?.name ?? "";
  return client.mergePatch(certificateRequests, { name }, patch, { subresource: "approval", signal });
}

function has({ status }: CertificateRequest, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false;
}
