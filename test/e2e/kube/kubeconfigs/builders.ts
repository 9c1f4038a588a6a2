/** What kubeconfigs are made of: a server that knows these. */
export interface World {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  /** The administrator's, PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Of two others. */
  readonly tokens: readonly [string, string];
}

/** A kubeconfig, or several, and how kubectl is started with it. */
export interface KubeconfigCase {
  /** Text, or an object for a kubeconfig; one whose name ends with `.sh` is a program. */
  readonly files: (world: World) => Readonly<Record<string, string | object>>;
  /** `$KUBECONFIG`; with names of the files, which are made paths. */
  readonly list?: readonly string[];
  /** kubectl's flags; here and below, `FOLDER` is where the files are. */
  readonly flags?: (world: World) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The world's cluster, with some fields set. */
export const cluster = ({ server, authority }: World, more: object = {}): object => ({
  server,
  "certificate-authority-data": base64(authority),
  ...more,
});

export const administrator = ({ certificate, key }: World): object => ({
  "client-certificate-data": base64(certificate),
  "client-key-data": base64(key),
});

/** A kubeconfig of one cluster, user and context, all called `a` unless it is said. */
export function config(entry: object, user: object, { name = "a", context = {}, more = {} }: Shape = {}): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: entry }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    "current-context": name,
    ...more,
  };
}

export interface Shape {
  name?: string;
  context?: object;
  more?: object;
}

/** One whose user is as it is said. */
export const ofUser = (user: (world: World) => object, clusterFields: object = {}): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world, clusterFields), user(world)) }),
});

/** One whose cluster has some fields set. */
export const ofCluster = (fields: (world: World) => object): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world, fields(world)), { token: world.tokens[0] }), ...pem(world) }),
});

/** The administrator's, with flags. */
export const withFlags = (flags: (world: World) => readonly string[], user = administrator): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world), user(world)), ...pem(world) }),
  flags,
});

export const pem = ({ authority, certificate, key }: World): Record<string, string> => ({
  "ca.crt": authority,
  "admin.crt": certificate,
  "admin.key": key,
});

export const v1 = "client.authentication.k8s.io/v1";

/** One whose user has a program that tells credentials. */
export const ofProgram = (
  status: (world: World) => object,
  exec: object = {},
  { user = {}, printed = {}, script = "" }: { user?: object; printed?: object; script?: string } = {},
): KubeconfigCase => ({
  files: (world) => {
    const credential = { apiVersion: v1, kind: "ExecCredential", status: status(world), ...printed };
    const program = { apiVersion: v1, command: "./tell.sh", interactiveMode: "Never", ...exec };
    return {
      one: config(cluster(world), { exec: program, ...user }),
      "tell.sh": `#!/bin/sh\n${script}\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`,
    };
  },
});

export const first = ({ tokens }: World): object => ({ token: tokens[0] });
export const second = ({ tokens }: World): object => ({ token: tokens[1] });

/** A second kubeconfig with one name of the first, and another user. */
export const two = (world: World, more: object = {}): Record<string, object> => ({
  one: config(cluster(world), first(world)),
  two: config(cluster(world), second(world), { context: { namespace: "of-two" }, more }),
});
