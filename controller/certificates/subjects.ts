import { programs } from "../../api/contract/constants.ts";
import { daemonServerName, sharedServerName } from "../../api/contract/daemon-certificate.ts";
import type { Subject } from "./authority.ts";

/** The Secrets in which certificates are kept, by what they are for. */
export const secretNames = {
  /** The authorities; nobody but the controller reads it. */
  authority: "virt-ca",
  /** What the aggregated API server shows. */
  server: "virt-api-tls",
  /** What the controller shows the node daemons. */
  controller: "virt-controller-tls",
  /**
   * It is mounted into the node daemons' pods, which trust its authorities. Its certificate is the one that those of the
   * release before share; others show it only to who asks for it by its name, and until they have their own.
   */
  daemon: "virt-node-daemon-tls",
} as const;

/** What is signed. */
export type Leaf = Exclude<keyof typeof secretNames, "authority">;
export const leaves = ["server", "controller", "daemon"] as const satisfies readonly Leaf[];

/** Whom each certificate is for. */
export function subjects(service: string, namespace: string): Readonly<Record<Leaf, Subject>> {
  const host = `${service}.${namespace}.svc`;
  return {
    server: { commonName: host, usage: "server", names: [host, `${host}.cluster.local`, `${service}.${namespace}`] },
    controller: { commonName: programs.controller, usage: "client", names: [] },
    daemon: { commonName: sharedServerName, usage: "server", names: [sharedServerName] },
  };
}

/** Whom the certificate of a node's own daemon is for. */
export function daemonSubject(node: string): Subject {
  // Common names are short, and nobody reads them where there are other names.
  return { commonName: "node daemon", usage: "server", names: [daemonServerName(node)] };
}
