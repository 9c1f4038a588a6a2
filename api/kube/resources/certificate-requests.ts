import type { V1CertificateSigningRequest } from "@kubernetes/client-node";
import type { Wire } from "../client/wire.ts";
import type { Resource } from "./resource.ts";

/** `certificates.k8s.io/v1`; request and certificate are PEM in base64. Kubernetes deletes them after hours. */
export type CertificateRequest = Wire<V1CertificateSigningRequest>;

export const certificateRequests: Resource<CertificateRequest> = {
  group: "certificates.k8s.io",
  version: "v1",
  plural: "certificatesigningrequests",
  kind: "CertificateSigningRequest",
  namespaced: false,
};
