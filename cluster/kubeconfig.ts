import type { KeyPair } from "./pki.ts";

const base64 = (pem: string): string => Buffer.from(pem).toString("base64");

/** A kubeconfig with one cluster and one user, who has a certificate or a token. It is JSON, which is valid YAML. */
export function kubeconfig(name: string, server: string, authority: KeyPair, user: KeyPair | string): string {
  const credentials =
    typeof user === "string"
      ? { token: user }
      : { "client-certificate-data": base64(user.certificate), "client-key-data": base64(user.key) };
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server, "certificate-authority-data": base64(authority.certificate) } }],
      users: [{ name, user: credentials }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
    },
    null,
    2,
  )}\n`;
}
