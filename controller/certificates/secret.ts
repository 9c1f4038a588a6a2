import type { Secret } from "../../api/kube/resources/core-resources.ts";
import type { Authorities } from "./authorities.ts";
import type { KeyPair } from "./authority.ts";

/** Marks the Secrets that we renew. Others, such as cert-manager's, are used and never written. */
const mark = { "app.kubernetes.io/managed-by": "virt-controller" } as const;

/** Whether we renew the Secret. */
export function isOurs({ metadata }: Secret): boolean {
  return Object.entries(mark).every(([name, value]) => metadata?.labels?.[name] === value);
}

/** A certificate with its key, and the authorities that its holder trusts; in PEM. */
export interface Material {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** The content of a Secret with the keys of Kubernetes and cert-manager; `undefined` when one of them is missing. */
export function materialOf(secret: Secret | undefined): Material | undefined {
  const [cert, key, ca] = ["tls.crt", "tls.key", "ca.crt"].map((name) => text(secret, name));
  return cert && key && ca ? { cert, key, ca } : undefined;
}

/** A Secret with this content: new, or as an update that fails if the old one has changed meanwhile. */
export function secretWith(
  { namespace, name }: { namespace: string; name: string },
  old: Secret | undefined,
  content: Readonly<Record<string, string | undefined>>,
): Secret {
  const entries = Object.entries(content).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, Buffer.from(value).toString("base64")] as const],
  );
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { ...old?.metadata, name, namespace, labels: { ...old?.metadata?.labels, ...mark } },
    data: Object.fromEntries(entries),
  };
}

/** The pair in a Secret with any other content. */
export function pairOf(secret: Secret | undefined): KeyPair | undefined {
  return pairAt(secret, "tls");
}

/** The authorities in their Secret. */
export function authoritiesOf(secret: Secret | undefined): Authorities | undefined {
  const current = pairAt(secret, "tls");
  if (!current) return undefined;
  const next = pairAt(secret, "next");
  return { current, bundle: text(secret, "ca.crt") ?? current.certificate, ...(next ? { next } : {}) };
}

/** The content of the authorities' Secret. */
export function contentOf({ current, next, bundle }: Authorities): Record<string, string | undefined> {
  return {
    "tls.crt": current.certificate,
    "tls.key": current.key,
    "next.crt": next?.certificate,
    "next.key": next?.key,
    "ca.crt": bundle,
  };
}

function pairAt(secret: Secret | undefined, name: string): KeyPair | undefined {
  const [certificate, key] = [text(secret, `${name}.crt`), text(secret, `${name}.key`)];
  return certificate && key ? { certificate, key } : undefined;
}

function text(secret: Secret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}
