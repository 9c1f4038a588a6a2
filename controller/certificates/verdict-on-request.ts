// @peculiar/x509 depends on tsyringe, which needs this import first.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { daemonUsages, nodeNameClaim } from "../../api/contract/daemon-certificate.ts";
import type { CertificateRequest } from "../../api/kube/resources/certificate-requests.ts";

/** The decision about a request for a daemon's certificate. */
export type Verdict =
  | { readonly kind: "sign"; readonly node: string; readonly publicKey: x509.PublicKey }
  | { readonly kind: "refuse"; readonly message: string };

/**
 * Decides by the data that the API server itself wrote into the request: the user, and the node of the user's token.
 * From the requester's own data it takes only the public key, so there is no name in it to check.
 */
export async function verdictOn({ spec }: CertificateRequest, daemonUser: string): Promise<Verdict> {
  if (spec.username !== daemonUser) return refuse(`"${spec.username}" is not the node daemons' account, ${daemonUser}`);
  const nodes = spec.extra?.[nodeNameClaim] ?? [];
  const [node] = nodes;
  if (!node || nodes.length > 1) return refuse(`the requester's token names no node (${nodeNameClaim})`);
  const usages = spec.usages ?? [];
  if (usages.length !== daemonUsages.length || !daemonUsages.every((usage) => usages.includes(usage))) {
    return refuse(`usages: [${usages.join(", ")}] is not [${daemonUsages.join(", ")}]`);
  }
  const request = await requestIn(spec.request);
  if (!request) return refuse("request: it is not a request that its own key has signed");
  const { algorithm } = request.publicKey;
  const isKnown = algorithm.name === "ECDSA" && "namedCurve" in algorithm && algorithm.namedCurve === "P-256";
  if (!isKnown) return refuse(`request: the key is ${algorithm.name}, not ECDSA on P-256`);
  return { kind: "sign", node, publicKey: request.publicKey };
}

async function requestIn(base64: string): Promise<x509.Pkcs10CertificateRequest | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(base64, "base64").toString("latin1"));
    return (await request.verify()) ? request : undefined;
  } catch {
    return undefined;
  }
}

function refuse(message: string): Verdict {
  return { kind: "refuse", message };
}
