/** The parts of kubeconfigs: a server, and credentials that it accepts. */
export interface World {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  /** The administrator's certificate, PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Tokens of two other users. */
  readonly tokens: readonly [string, string];
}

/** One or more kubeconfigs, and the way to start kubectl with them. */
export interface KubeconfigCase {
  /** Files by name: a text, or an object for a kubeconfig. A name with `.sh` at the end is a program. */
  readonly files: (world: World) => Readonly<Record<string, string | object>>;
  /** `$KUBECONFIG`: names of the files, which become paths. */
  readonly list?: readonly string[];
  /** kubectl's flags; here and below, `FOLDER` is the folder of the files. */
  readonly flags?: (world: World) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Makes the entry of the world's cluster, with some fields set. */
export const cluster = ({ server, authority }: World, more: object = {}): object => ({
  server,
  "certificate-authority-data": base64(authority),
  ...more,
});

export const administrator = ({ certificate, key }: World): object => ({
  "client-certificate-data": base64(certificate),
  "client-key-data": base64(key),
});

/** Makes a kubeconfig of one cluster, user and context, all named `a` by default. */
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

/** Makes a case with the given user. */
export const ofUser = (user: (world: World) => object, clusterFields: object = {}): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world, clusterFields), user(world)) }),
});

/** Makes a case whose cluster has some fields set. */
export const ofCluster = (fields: (world: World) => object): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world, fields(world)), { token: world.tokens[0] }), ...pem(world) }),
});

/** Makes a case of the administrator, with flags. */
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

/** Makes a case whose user has a credential program. */
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

/** Makes two kubeconfigs that share a name, with different users. */
export const two = (world: World, more: object = {}): Record<string, object> => ({
  one: config(cluster(world), first(world)),
  two: config(cluster(world), second(world), { context: { namespace: "of-two" }, more }),
});
