import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { StatusError } from "../../api/serving/status-error.ts";
import type { User } from "./user.ts";

/** How the API server in front of us proves its identity, and in which headers it names the user. */
export interface FrontProxy {
  /** Authorities (PEM) that sign its client certificate. */
  readonly ca: string;
  /** Common names that the certificate may have; empty for any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeadersPrefixes: readonly string[];
}

/**
 * The front proxy from the data of ConfigMap kube-system/extension-apiserver-authentication; `undefined` when the
 * cluster has none. Throws when the data is not in Kubernetes' form.
 */
export function frontProxyOf(data: Readonly<Record<string, string>>): FrontProxy | undefined {
  const ca = data["requestheader-client-ca-file"];
  if (!ca) return undefined;
  const list = (key: string, fallback: readonly string[]): string[] => {
    const value: unknown = JSON.parse(data[`requestheader-${key}`] ?? JSON.stringify(fallback));
    if (!Array.isArray(value)) throw new TypeError(`requestheader-${key} is not a list`);
    return value.map(String);
  };
  return {
    ca,
    allowedNames: list("allowed-names", []),
    usernameHeaders: list("username-headers", ["X-Remote-User"]),
    uidHeaders: list("uid-headers", ["X-Remote-Uid"]),
    groupHeaders: list("group-headers", ["X-Remote-Group"]),
    extraHeadersPrefixes: list("extra-headers-prefix", ["X-Remote-Extra-"]),
  };
}

/**
 * The user of a request, from the front proxy's headers. Throws a 401 when the request does not come from the front
 * proxy: any client can send such headers, so only a connection with the proxy's certificate counts.
 */
export function userOf(request: IncomingMessage, proxy: FrontProxy | undefined): User {
  if (!proxy)
    throw unauthorized("this cluster has no front proxy: its API server lacks --requestheader-client-ca-file");
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) {
    throw unauthorized("the API server's client certificate is missing or not trusted");
  }
  const name = commonNameOf(socket);
  if (proxy.allowedNames.length > 0 && !proxy.allowedNames.includes(name ?? "")) {
    throw unauthorized(`the client certificate's name "${name ?? ""}" is not allowed`);
  }
  const headers = request.headersDistinct;
  const values = (names: readonly string[]): string[] => names.flatMap((one) => headers[one.toLowerCase()] ?? []);
  const [user] = values(proxy.usernameHeaders);
  if (!user) throw unauthorized(`the request names no user (${proxy.usernameHeaders.join(", ")})`);
  const [uid] = values(proxy.uidHeaders);
  return {
    name: user,
    ...(uid ? { uid } : {}),
    groups: values(proxy.groupHeaders),
    extra: extraOf(headers, proxy.extraHeadersPrefixes),
  };
}

function extraOf(
  headers: IncomingMessage["headersDistinct"],
  prefixes: readonly string[],
): Record<string, readonly string[]> {
  const extra: Record<string, string[]> = {};
  for (const prefix of prefixes.map((one) => one.toLowerCase())) {
    for (const [header, values] of Object.entries(headers)) {
      if (!header.startsWith(prefix) || !values) continue;
      const key = decoded(header.slice(prefix.length));
      extra[key] = [...(extra[key] ?? []), ...values];
    }
  }
  return extra;
}

/** Keys are percent-encoded, since they may contain characters that a header's name must not have. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate && subjectName(certificate);
}

/** The subject has a line `TYPE=value` for each attribute. */
function subjectName({ subject }: X509Certificate): string | undefined {
  return subject
    .split("\n")
    .find((line) => line.startsWith("CN="))
    ?.slice("CN=".length);
}

function unauthorized(message: string): StatusError {
  return new StatusError(401, `Unauthorized: ${message}`);
}
