import { isAbsolute, join, resolve } from "node:path";
import { parseYaml } from "../../values/yaml.ts";
import type { Cluster, Context, Exec, Kubeconfig, User } from "./entries.ts";
import { Fields, FieldTypeError } from "./fields.ts";

/**
 * Parses a kubeconfig. Paths relative to its folder become absolute. Throws YamlError, and FieldTypeError if the text
 * is not a kubeconfig.
 */
export function parseKubeconfig(text: string, folder: string): Kubeconfig {
  const from = resolve(folder);
  const path = (file: string | undefined): string | undefined =>
    file === undefined || isAbsolute(file) ? file : join(from, file);
  // Documents after the first are ignored.
  const [document] = text === "" ? [{}] : parseYaml(text);
  const fields = new Fields(document, "");
  const [kind, apiVersion] = [fields.text("kind"), fields.text("apiVersion")];
  if ((kind ?? "Config") !== "Config" || (apiVersion ?? "v1") !== "v1") {
    throw new FieldTypeError(`no kind "${kind ?? "Config"}" is known of version "${apiVersion ?? "v1"}"`);
  }
  return {
    ...given({ currentContext: fields.text("current-context") }),
    clusters: named(fields, "clusters", "cluster", (entry) => clusterOf(entry, path)),
    users: named(fields, "users", "user", (entry) => userOf(entry, path)),
    contexts: named(fields, "contexts", "context", contextOf),
  };
}

type PathOf = (file: string | undefined) => string | undefined;

function named<T>(fields: Fields, list: string, field: string, read: (entry: Fields) => T): Map<string, T> {
  const entries = new Map<string, T>();
  for (const item of fields.objects(list)) {
    const name = item.text("name") ?? "";
    if (entries.has(name)) throw new FieldTypeError(`duplicate name "${name}" in ${list}`);
    entries.set(name, read(item.object(field) ?? new Fields({}, field)));
  }
  return entries;
}

function clusterOf(entry: Fields, path: PathOf): Cluster {
  const extension = entry
    .objects("extensions")
    .find((item) => item.text("name") === "client.authentication.k8s.io/exec");
  return given({
    server: entry.text("server"),
    tlsServerName: entry.text("tls-server-name"),
    insecureSkipTlsVerify: entry.flag("insecure-skip-tls-verify") || undefined,
    certificateAuthority: path(entry.text("certificate-authority")),
    certificateAuthorityData: entry.bytes("certificate-authority-data"),
    proxyUrl: entry.text("proxy-url"),
    disableCompression: entry.flag("disable-compression") || undefined,
    execConfig: extension?.any("extension"),
  });
}

function userOf(entry: Fields, path: PathOf): User {
  const extra = entry.object("as-user-extra");
  const groups = entry.texts("as-groups");
  const provider = entry.object("auth-provider");
  const exec = entry.object("exec");
  const config = provider?.object("config");
  return given({
    clientCertificate: path(entry.text("client-certificate")),
    clientCertificateData: entry.bytes("client-certificate-data"),
    clientKey: path(entry.text("client-key")),
    clientKeyData: entry.bytes("client-key-data"),
    token: entry.text("token"),
    tokenFile: path(entry.text("tokenFile")),
    username: entry.text("username"),
    password: entry.text("password"),
    as: entry.text("as"),
    asUid: entry.text("as-uid"),
    asGroups: groups.length > 0 ? groups : undefined,
    asUserExtra: extra?.map((name) => extra.texts(name)),
    authProvider: provider && {
      name: provider.text("name") ?? "",
      config: config?.map((name) => config.text(name) ?? "") ?? {},
    },
    exec: exec && execOf(exec, path),
  });
}

function execOf(entry: Fields, path: PathOf): Exec {
  const command = entry.text("command") ?? "";
  const apiVersion = entry.text("apiVersion") ?? "";
  // Only older versions have a default.
  const isOlder = /^client\.authentication\.k8s\.io\/v1(alpha1|beta1)$/.test(apiVersion);
  return {
    // A name without a slash is looked up in the search path.
    command: (command.includes("/") ? path(command) : command) ?? "",
    args: entry.texts("args"),
    env: entry.objects("env").map((item) => ({ name: item.text("name") ?? "", value: item.text("value") ?? "" })),
    apiVersion,
    ...given({ installHint: entry.text("installHint") }),
    provideClusterInfo: entry.flag("provideClusterInfo"),
    interactiveMode: entry.text("interactiveMode") ?? (isOlder ? "IfAvailable" : ""),
  };
}

function contextOf(entry: Fields): Context {
  return given({
    cluster: entry.text("cluster"),
    user: entry.text("user"),
    namespace: entry.text("namespace"),
  });
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** An object without its `undefined` fields. */
function given<T extends object>(fields: T): Given<T> {
  const some = Object.entries(fields).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same fields, but for those without a value
  return Object.fromEntries(some) as Given<T>;
}
