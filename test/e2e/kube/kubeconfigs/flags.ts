import {
  administrator,
  cluster,
  config,
  first,
  type KubeconfigCase,
  ofCluster,
  ofProgram,
  second,
  withFlags,
} from "./builders.ts";

/** Cases about kubectl's flags. */
export const flags: Readonly<Record<string, KubeconfigCase>> = {
  "a token": withFlags(({ tokens }) => [`--token=${tokens[0]}`], second),
  "a token, in place of a program": {
    ...ofProgram(() => ({}), { command: "./none.sh" }),
    flags: ({ tokens }) => [`--token=${tokens[0]}`],
  },
  "a namespace": withFlags(() => ["--namespace=other"]),
  "somebody to impersonate": withFlags(() => [
    "--as=jane",
    "--as-group=devs",
    "--as-group=ops",
    "--as-uid=7",
    "--as-user-extra=a=b",
    "--as-user-extra=a=c",
  ]),
  "groups without somebody": withFlags(() => ["--as-group=devs"]),
  "groups, for somebody of the file": withFlags(
    () => ["--as-group=devs"],
    (world) => ({ ...administrator(world), as: "jane", "as-groups": ["ops"] }),
  ),
  "somebody, for groups of the file": withFlags(
    () => ["--as=joe"],
    (world) => ({ ...administrator(world), as: "jane", "as-groups": ["ops"] }),
  ),
  "a cluster and a user": {
    files: (world) => ({
      one: config({ server: "https://127.0.0.1:1" }, { token: "wrong" }, { context: { namespace: "mine" } }),
      two: config(cluster(world), first(world), { name: "b" }),
    }),
    list: ["one", "two"],
    flags: () => ["--cluster=b", "--user=b"],
  },
  "a cluster that is not there": withFlags(() => ["--cluster=b"]),
  "a user that is not there": withFlags(() => ["--user=b"]),
  "a certificate and its key": withFlags(
    () => ["--client-certificate=FOLDER/admin.crt", "--client-key=FOLDER/admin.key"],
    first,
  ),
  "an authority": withFlags(() => ["--certificate-authority=FOLDER/ca.crt"]),
  "an authority, before one that is not asked for": {
    ...ofCluster(() => ({ "certificate-authority-data": null, "insecure-skip-tls-verify": true })),
    flags: () => ["--certificate-authority=FOLDER/none"],
  },
  "no authority": withFlags(() => ["--insecure-skip-tls-verify"]),
  "no authority, for a cluster with a wrong name": {
    ...ofCluster(() => ({ "tls-server-name": "other.example.com" })),
    flags: () => ["--insecure-skip-tls-verify"],
  },
  "a server": withFlags(({ server }) => [`--server=${server}`]),
  "a server, for a cluster with another one's name": {
    ...ofCluster(() => ({ "tls-server-name": "other.example.com" })),
    flags: ({ server }) => [`--server=${server}`],
  },
  "a server's name": {
    ...ofCluster(() => ({ "tls-server-name": "other.example.com" })),
    flags: () => ["--tls-server-name=localhost"],
  },
  "a server without a scheme": withFlags(({ server }) => [`--server=${server.replace("https://", "")}`]),
  "a server that nobody reaches": withFlags(() => ["--server=https://127.0.0.1:1"]),
  "a proxy that is not there": withFlags(() => ["--proxy-url=socks5://127.0.0.1:1"]),
};
