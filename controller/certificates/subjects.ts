import { programs } from "../../api/contract.ts";
import type { Subject } from "./authority.ts";

/** The Secrets in which certificates are kept, by what they are for. */
export const secretNames = {
  /** The authorities; nobody but the controller reads it. */
  authority: "virt-ca",
  /** What the aggregated API server shows. */
  server: "virt-api-tls",
  /** What the controller shows the node daemons. */
  controller: "virt-controller-tls",
  /** What the node daemons show; it is mounted into their pods. */
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
    daemon: { commonName: programs.daemon, usage: "server", names: [programs.daemon] },
  };
}
