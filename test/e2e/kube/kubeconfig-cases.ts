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

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The world's cluster, with some fields set. */
const cluster = ({ server, authority }: World, more: object = {}): object => ({
  server,
  "certificate-authority-data": base64(authority),
  ...more,
});

const administrator = ({ certificate, key }: World): object => ({
  "client-certificate-data": base64(certificate),
  "client-key-data": base64(key),
});

/** A kubeconfig of one cluster, user and context, all called `a` unless it is said. */
function config(entry: object, user: object, { name = "a", context = {}, more = {} }: Shape = {}): object {
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

interface Shape {
  name?: string;
  context?: object;
  more?: object;
}

/** One whose user is as it is said. */
const ofUser = (user: (world: World) => object, clusterFields: object = {}): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world, clusterFields), user(world)) }),
});

/** One whose cluster has some fields set. */
const ofCluster = (fields: (world: World) => object): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world, fields(world)), { token: world.tokens[0] }), ...pem(world) }),
});

/** The administrator's, with flags. */
const withFlags = (flags: (world: World) => readonly string[], user = administrator): KubeconfigCase => ({
  files: (world) => ({ one: config(cluster(world), user(world)), ...pem(world) }),
  flags,
});

const pem = ({ authority, certificate, key }: World): Record<string, string> => ({
  "ca.crt": authority,
  "admin.crt": certificate,
  "admin.key": key,
});

const v1 = "client.authentication.k8s.io/v1";

/** One whose user has a program that tells credentials. */
const ofProgram = (
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

const first = ({ tokens }: World): object => ({ token: tokens[0] });
const second = ({ tokens }: World): object => ({ token: tokens[1] });

/** A second kubeconfig with one name of the first, and another user. */
const two = (world: World, more: object = {}): Record<string, object> => ({
  one: config(cluster(world), first(world)),
  two: config(cluster(world), second(world), { context: { namespace: "of-two" }, more }),
});

const merging: Readonly<Record<string, KubeconfigCase>> = {
  "one name in two files": { files: two, list: ["one", "two"] },
  "the same, the other way round": { files: two, list: ["two", "one"] },
  "a context of another file": {
    files: (world) => ({
      one: config(cluster(world), first(world)),
      two: config(cluster(world), second(world), { name: "b", context: { namespace: "of-two" } }),
    }),
    list: ["one", "two"],
    flags: () => ["--context=b"],
  },
  "a current context in the second file only": {
    files: (world) => ({
      one: config(cluster(world), first(world), { more: { "current-context": "" } }),
      two: config(cluster(world), second(world), { name: "b" }),
    }),
    list: ["one", "two"],
  },
  "context, cluster and user in three files": {
    files: (world) => ({
      one: {
        contexts: [{ name: "a", context: { cluster: "b", user: "c", namespace: "of-one" } }],
        "current-context": "a",
      },
      two: { clusters: [{ name: "b", cluster: cluster(world) }] },
      three: { users: [{ name: "c", user: first(world) }] },
    }),
    list: ["one", "two", "three"],
  },
  "a file that is missing": { files: two, list: ["none", "one", "neither", "two"] },
  "one file twice, and nothing between": { files: two, list: ["", "one", "", "one", ""] },
  "an empty file": { files: (world) => ({ ...two(world), empty: "" }), list: ["empty", "one"] },
  "a file with a line's end": { files: (world) => ({ ...two(world), empty: "\n" }), list: ["empty", "one"] },
  "a file with a comment": { files: (world) => ({ ...two(world), empty: "# nothing\n" }), list: ["empty", "one"] },
  "a file with an empty document": { files: (world) => ({ ...two(world), empty: "---\n" }), list: ["empty", "one"] },
  "a file with an empty object": { files: (world) => ({ ...two(world), empty: "{}\n" }), list: ["empty", "one"] },
  "a file that is no YAML": { files: (world) => ({ ...two(world), bad: "a: [" }), list: ["one", "bad"] },
  "a file of another kind": {
    files: (world) => ({ ...two(world), bad: { apiVersion: "v1", kind: "Pod" } }),
    list: ["one", "bad"],
  },
  "a file of another version": {
    files: (world) => ({ ...two(world), bad: { apiVersion: "v2", kind: "Config" } }),
    list: ["one", "bad"],
  },
  "a folder": { files: two, list: ["one", "."] },
  "files that are all missing": { files: two, list: ["none", "neither"] },
  "the same, with a server and a token": {
    files: pem,
    list: ["none"],
    flags: ({ server, tokens }) => [
      `--server=${server}`,
      `--token=${tokens[0]}`,
      "--certificate-authority=FOLDER/ca.crt",
    ],
  },
  "a file that is named, missing": { files: two, list: ["one"], flags: () => ["--kubeconfig=FOLDER/none"] },
  "a file that is named, before a list": { files: two, list: ["one"], flags: () => ["--kubeconfig=FOLDER/two"] },
  "a named list, which is none": { files: two, list: ["one"], flags: () => ["--kubeconfig=FOLDER/one:FOLDER/two"] },
  "a name twice in one file": {
    files: (world) => ({
      one: config(cluster(world), first(world), {
        more: {
          users: [
            { name: "a", user: {} },
            { name: "a", user: first(world) },
          ],
        },
      }),
    }),
  },
  "no current context": {
    files: (world) => ({ one: config(cluster(world), first(world), { more: { "current-context": null } }) }),
  },
  "a current context that is not there": {
    files: (world) => ({ one: config(cluster(world), first(world), { more: { "current-context": "b" } }) }),
  },
  "a context that is named, not there": { files: two, flags: () => ["--context=b"] },
  "a cluster that is not there": {
    files: (world) => ({ one: config(cluster(world), first(world), { context: { cluster: "b" } }) }),
  },
  "a user that is not there": {
    files: (world) => ({ one: config(cluster(world), first(world), { context: { user: "b" } }) }),
  },
  "no user": { files: (world) => ({ one: config(cluster(world), first(world), { context: { user: null } }) }) },
  "fields without a value": {
    files: (world) => ({
      one: config(
        cluster(world, { "tls-server-name": null, extensions: null, "insecure-skip-tls-verify": null }),
        { ...first(world), exec: null, "as-groups": null, tokenFile: null },
        { context: { namespace: null }, more: { preferences: null, extensions: null } },
      ),
    }),
  },
  "fields that nobody knows": {
    files: (world) => ({
      one: config(cluster(world, { color: "red" }), { ...first(world), shoe: 43 }, { more: { more: [] } }),
    }),
  },
  "a number for a namespace": {
    files: (world) => ({ one: config(cluster(world), first(world), { context: { namespace: 12 } }) }),
  },
  "yes for true": {
    files: ({ server, tokens }) => ({
      one: `clusters: [{name: a, cluster: {server: "${server}", insecure-skip-tls-verify: yes}}]\nusers: [{name: a, user: {token: "${tokens[0]}"}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\ncurrent-context: a\n`,
    }),
  },
};

const users: Readonly<Record<string, KubeconfigCase>> = {
  "a certificate": ofUser(administrator),
  "a token": ofUser(first),
  "a token that is wrong": ofUser(() => ({ token: "wrong" })),
  "a token, and a certificate": ofUser((world) => ({ ...first(world), ...administrator(world) })),
  "a file with a token": {
    files: (world) => ({ one: config(cluster(world), { tokenFile: "of/token" }), "of/token": `${world.tokens[0]}\n` }),
  },
  "a file with a token, before a token": {
    files: (world) => ({
      one: config(cluster(world), { tokenFile: "token", ...second(world) }),
      token: world.tokens[0],
    }),
  },
  "a file with a token that is missing": {
    files: (world) => ({ one: config(cluster(world), { tokenFile: "token" }) }),
  },
  "a file with a token that is missing, and a token": {
    files: (world) => ({ one: config(cluster(world), { tokenFile: "token", ...second(world) }) }),
  },
  "a name and a password": ofUser(() => ({ username: "jane", password: "secret" })),
  "a name, a password and a token": ofUser((world) => ({ username: "jane", password: "secret", ...first(world) })),
  "files of a certificate and key, beside the second kubeconfig": {
    files: (world) => ({
      one: { "current-context": "a" },
      "below/two": config(
        { server: world.server, "certificate-authority": "ca.crt" },
        { "client-certificate": "admin.crt", "client-key": "../below/admin.key" },
      ),
      ...Object.fromEntries(Object.entries(pem(world)).map(([name, text]) => [`below/${name}`, text])),
    }),
    list: ["one", "below/two"],
  },
  "a certificate that is missing": ofUser(() => ({ "client-certificate": "none.crt", "client-key": "none.key" })),
  "a certificate without its key": ofUser(({ certificate }) => ({ "client-certificate-data": base64(certificate) })),
  "a certificate that is no base64": ofUser((world) => ({ ...administrator(world), "client-key-data": "*" })),
  "somebody to impersonate": ofUser((world) => ({ ...administrator(world), as: "jane" })),
  "groups, UID and more to impersonate": ofUser((world) => ({
    ...administrator(world),
    as: "jane",
    "as-uid": "43",
    "as-groups": ["devs", "ops"],
    "as-user-extra": { "example.com/Scopes a%b": ["one", "two"], plain: ["x"] },
  })),
  "groups to impersonate without somebody": ofUser((world) => ({ ...administrator(world), "as-groups": ["devs"] })),
  "more to impersonate without somebody": ofUser((world) => ({
    ...administrator(world),
    "as-user-extra": { a: ["b"] },
  })),
};

const programs: Readonly<Record<string, KubeconfigCase>> = {
  "that tells a token": ofProgram(first),
  "that tells a certificate": ofProgram(({ certificate, key }) => ({
    clientCertificateData: certificate,
    clientKeyData: key,
  })),
  "that tells a token that has ended": ofProgram((world) => ({
    ...first(world),
    expirationTimestamp: "2001-01-01T00:00:00Z",
  })),
  "of the older version, without a mode": ofProgram(
    first,
    { apiVersion: `${v1}beta1`, interactiveMode: undefined },
    { printed: { apiVersion: `${v1}beta1` } },
  ),
  "of the oldest version": ofProgram(first, { apiVersion: `${v1}alpha1` }, { printed: { apiVersion: `${v1}alpha1` } }),
  "without a mode": ofProgram(first, { interactiveMode: undefined }),
  "with a mode that nobody knows": ofProgram(first, { interactiveMode: "Sometimes" }),
  "that wants a terminal, which there is not": ofProgram(first, { interactiveMode: "Always" }),
  "that asks where it can": ofProgram(first, { interactiveMode: "IfAvailable" }),
  "without a version": ofProgram(first, { apiVersion: undefined }),
  "without a command": ofProgram(first, { command: "" }),
  "that is not there": ofProgram(first, { command: "./none.sh", installHint: "get it" }),
  "that is nowhere in the search path": ofProgram(first, { command: "no-such-program-at-all" }),
  "that answers in another version": ofProgram(first, {}, { printed: { apiVersion: `${v1}beta1` } }),
  "that answers another kind": ofProgram(first, {}, { printed: { kind: "Pod" } }),
  "that answers without a status": ofProgram(first, {}, { printed: { status: undefined } }),
  "that answers an empty status": ofProgram(() => ({})),
  "that answers half a pair": ofProgram(({ key }) => ({ clientKeyData: key })),
  "that answers nonsense": ofProgram(first, { command: "echo", args: ["nonsense"] }),
  "that answers in YAML": {
    files: (world) => ({
      one: config(cluster(world), { exec: { apiVersion: v1, command: "./tell.sh", interactiveMode: "Never" } }),
      "tell.sh": `#!/bin/sh\nprintf 'apiVersion: ${v1}\\nkind: ExecCredential\\nstatus: {token: "${world.tokens[0]}"}\\n'\n`,
    }),
  },
  "that fails, after it has answered": ofProgram(first, {}, { script: "trap 'exit 3' EXIT" }),
  "beside a token": ofProgram(first, {}, { user: { token: "wrong" } }),
  "beside a provider": ofProgram(first, {}, { user: { "auth-provider": { name: "oidc", config: {} } } }),
  "with arguments and variables": {
    files: (world) => ({
      one: config(cluster(world), {
        exec: {
          apiVersion: v1,
          command: "sh",
          args: ["-c", `printf '{"apiVersion":"${v1}","kind":"ExecCredential","status":{"token":"%s"}}' "$TOKEN"`],
          env: [{ name: "TOKEN", value: world.tokens[0] }],
          interactiveMode: "Never",
        },
      }),
    }),
    env: { TOKEN: "of the environment" },
  },
  "with a variable without a name": ofProgram(first, { env: [{ name: "", value: "x" }] }),
  "that wants to know nothing of the cluster": ofProgram(
    first,
    {},
    { script: `printenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"` },
  ),
  "that wants to know of the cluster": {
    files: (world) => {
      const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x", list: [1] } }];
      const fields = { "tls-server-name": "localhost", "disable-compression": true, extensions };
      const exec = { apiVersion: v1, command: "./tell.sh", interactiveMode: "IfAvailable", provideClusterInfo: true };
      const credential = { apiVersion: v1, kind: "ExecCredential", status: first(world) };
      return {
        one: config(cluster(world, fields), { exec }),
        "tell.sh": `#!/bin/sh\nprintenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"\necho '${JSON.stringify(credential)}'\n`,
      };
    },
  },
  "that wants to know of a cluster with little to know": {
    files: (world) => {
      const exec = { apiVersion: v1, command: "./tell.sh", interactiveMode: "Never", provideClusterInfo: true };
      const credential = { apiVersion: v1, kind: "ExecCredential", status: first(world) };
      return {
        one: config({ server: world.server, "insecure-skip-tls-verify": true }, { exec }),
        "tell.sh": `#!/bin/sh\nprintenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"\necho '${JSON.stringify(credential)}'\n`,
      };
    },
  },
};

const clusters: Readonly<Record<string, KubeconfigCase>> = {
  "a name that its certificate has": ofCluster(() => ({ "tls-server-name": "localhost" })),
  "an address that its certificate has": ofCluster(() => ({ "tls-server-name": "127.0.0.1" })),
  "a name that its certificate has not": ofCluster(() => ({ "tls-server-name": "other.example.com" })),
  "an address that its certificate has not": ofCluster(() => ({ "tls-server-name": "10.9.8.7" })),
  "no authority": ofCluster(() => ({ "certificate-authority-data": null })),
  "no authority, but one of the machine's": {
    ...ofCluster(() => ({ "certificate-authority-data": null })),
    env: { SSL_CERT_FILE: "FOLDER/ca.crt" },
  },
  "no authority, which is not asked for": ofCluster(() => ({
    "certificate-authority-data": null,
    "insecure-skip-tls-verify": true,
  })),
  "a file of an authority that is missing": ofCluster(() => ({
    "certificate-authority-data": null,
    "certificate-authority": "none",
  })),
  "a path": ofCluster(({ server }) => ({ server: `${server}/` })),
  "no scheme": ofCluster(({ server }) => ({ server: server.replace("https://", "") })),
  "no server": ofCluster(() => ({ server: "" })),
  "a proxy that nobody knows": ofCluster(() => ({ "proxy-url": "ftp://127.0.0.1:1" })),
  "a proxy that is not there": ofCluster(() => ({ "proxy-url": "http://127.0.0.1:1" })),
};

const flags: Readonly<Record<string, KubeconfigCase>> = {
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

/** All of them, by what is in the files, or said. */
export const kubeconfigCases: Readonly<Record<string, KubeconfigCase>> = Object.fromEntries(
  Object.entries({
    files: merging,
    "a user with": users,
    "a program": programs,
    "a cluster with": clusters,
    "a flag for": flags,
  }).flatMap(([group, cases]) =>
    Object.entries(cases).map(([name, one]) => [group === "files" ? name : `${group} ${name}`, one]),
  ),
);
