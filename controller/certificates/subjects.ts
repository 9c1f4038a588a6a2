import { programs } from "../../api/contract/constants.ts";
import { daemonServerName, sharedServerName } from "../../api/contract/daemon-certificate.ts";
import type { Subject } from "./authority.ts";

/** The Secrets of the certificates, by purpose. */
export const secretNames = {
  /** The authorities; only the controller reads this Secret. */
  authority: "virt-ca",
  /** The serving certificate of the aggregated API. */
  server: "virt-api-tls",
  /** The controller's certificate for connections to node daemons. */
  controller: "virt-controller-tls",
  /**
   * It is mounted into the node daemons' pods, which trust its authorities. Daemons of the release before share its
   * certificate. Newer daemons show it only to clients that ask for it by its name, and until they have their own.
   */
  daemon: "virt-node-daemon-tls",
} as const;

/** The certificates that an authority signs. */
export type Leaf = Exclude<keyof typeof secretNames, "authority">;
export const leaves = ["server", "controller", "daemon"] as const satisfies readonly Leaf[];

/** The subject of each certificate. */
export function subjects(service: string, namespace: string): Readonly<Record<Leaf, Subject>> {
  const host = `${service}.${namespace}.svc`;
  return {
    server: { commonName: host, usage: "server", names: [host, `${host}.cluster.local`, `${service}.${namespace}`] },
    controller: { commonName: programs.controller, usage: "client", names: [] },
    daemon: { commonName: sharedServerName, usage: "server", names: [sharedServerName] },
  };
}

/** The subject of the certificate of a node's own daemon. */
export function daemonSubject(node: string): Subject {
  // Common names are short, and ignored where there are other names.
  return { commonName: "node daemon", usage: "server", names: [daemonServerName(node)] };
}
