import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { ConfigurationError } from "../client/errors.ts";
import type { Access, Credentials, TlsOptions } from "../credentials/credentials.ts";
import { proxyAddress } from "../proxy/address.ts";
import { ProvidedCredentials } from "./auth-provider.ts";
import { checkUser } from "./check.ts";
import type { User } from "./entries.ts";
import type { ExecCluster, ExecCredential, StdinUser } from "./exec.ts";
import { impersonation } from "./impersonation.ts";
import type { ResolvedContext } from "./way.ts";

/**
 * The most milliseconds that read files stay valid. The kubelet replaces a token after 80 % of its hour, so a copy of
 * this age is still good.
 */
const readingAge = 60_000;

/** The current content of the files. */
interface Reading {
  readonly authorization: string | undefined;
  readonly tls: TlsOptions;
}

/** The credentials of a kubeconfig's context. It reads the files and runs the programs again as they change. */
export class KubeconfigCredentials implements Credentials {
  readonly server: URL;
  readonly namespace: string;
  readonly #way: ResolvedContext;
  readonly #stdinUser: StdinUser;
  readonly #impersonation: Access["headers"];
  readonly #proxy: URL | undefined;
  readonly #provided: ProvidedCredentials | undefined;
  #reading: Reading = { authorization: undefined, tls: {} };
  #readAt = 0;
  #executed: ExecCredential | undefined;
  #asking: Promise<Access> | undefined;
  #access: Access = { headers: {}, tls: {} };

  private constructor(way: ResolvedContext, stdinUser: StdinUser) {
    const { cluster, user, namespace } = way;
    checkUser(user);
    this.#way = way;
    this.#stdinUser = stdinUser;
    this.server = serverOf(cluster.server);
    this.namespace = namespace;
    this.#impersonation = impersonation(user);
    this.#proxy = cluster.proxyUrl === undefined ? undefined : proxyAddress(cluster.proxyUrl, "proxy-url");
    this.#provided = user.authProvider && new ProvidedCredentials(user.authProvider);
  }

  /** Reads the files. Throws ConfigurationError for contradictory settings and for unreadable files. */
  static async open(way: ResolvedContext, stdinUser: StdinUser = () => undefined): Promise<KubeconfigCredentials> {
    const credentials = new KubeconfigCredentials(way, stdinUser);
    await credentials.#read();
    return credentials;
  }

  access(): Promise<Access> {
    // Requests that come together run a program only once.
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async refused(): Promise<boolean> {
    const hadProgram = this.#executed !== undefined;
    this.#executed = undefined;
    return (await this.#read()) || hadProgram;
  }

  async #ask(): Promise<Access> {
    if (performance.now() - this.#readAt > readingAge) await this.#read();
    const { authorization = await this.#provided?.authorization(), tls } = this.#reading;
    const told = authorization === undefined && this.#isSecure ? await this.#execute() : {};
    const token = told.token ? `Bearer ${told.token}` : authorization;
    const { clientCertificateData: cert, clientKeyData: key } = told;
    const next: Access = {
      headers: { ...(token === undefined ? {} : { authorization: token }), ...this.#impersonation },
      tls: cert && key ? { ...tls, cert, key } : tls,
      ...(this.#proxy ? { proxy: this.#proxy } : {}),
    };
    // The same object as long as nothing changed: connections are cached by it.
    if (isDeepStrictEqual(next.tls, this.#access.tls)) Object.assign(next, { tls: this.#access.tls });
    if (!isDeepStrictEqual(next, this.#access)) this.#access = next;
    return this.#access;
  }

  /** Whether the server uses TLS: without TLS no credentials are sent. */
  get #isSecure(): boolean {
    return this.server.protocol === "https:";
  }

  /** The output of the user's credential program; empty if there is none, or if the user has a client certificate. */
  async #execute(): Promise<ExecCredential> {
    const { exec } = this.#way.user;
    if (!exec || this.#reading.tls.cert !== undefined) return {};
    const ends = Date.parse(this.#executed?.expirationTimestamp ?? "");
    if (this.#executed && !(ends < Date.now())) return this.#executed;
    try {
      const { runExec } = await import("./exec.ts");
      this.#executed = await runExec(exec, this.#execCluster(), this.#stdinUser);
    } catch (cause) {
      throw new ConfigurationError("getting credentials", { cause });
    }
    return this.#executed;
  }

  #execCluster(): ExecCluster {
    const { server, tlsServerName, insecureSkipTlsVerify, proxyUrl, disableCompression, execConfig } =
      this.#way.cluster;
    const { ca } = this.#reading.tls;
    return {
      server,
      ...(tlsServerName ? { "tls-server-name": tlsServerName } : {}),
      ...(insecureSkipTlsVerify ? { "insecure-skip-tls-verify": true } : {}),
      ...(Buffer.isBuffer(ca) ? { "certificate-authority-data": ca.toString("base64") } : {}),
      ...(proxyUrl ? { "proxy-url": proxyUrl } : {}),
      ...(disableCompression ? { "disable-compression": true } : {}),
      config: execConfig ?? null,
    };
  }

  /** Reads the files. Resolves to whether they changed. */
  async #read(): Promise<boolean> {
    if (!this.#isSecure) return false;
    const { cluster, user } = this.#way;
    const [authorization, ca, cert, key] = await Promise.all([
      authorizationOf(user),
      contentOf("certificate-authority", cluster.certificateAuthority, cluster.certificateAuthorityData),
      contentOf("client-certificate", user.clientCertificate, user.clientCertificateData),
      contentOf("client-key", user.clientKey, user.clientKeyData),
    ]);
    const tls: TlsOptions = {
      ...(ca ? { ca } : {}),
      // A key without a certificate is of no use.
      ...(cert && key ? { cert, key } : {}),
      ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
      ...(cluster.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    };
    const next = { authorization, tls };
    this.#readAt = performance.now();
    if (isDeepStrictEqual(next, this.#reading)) return false;
    this.#reading = next;
    return true;
  }
}

/** The URL of a server; without a scheme it is plain HTTP. */
function serverOf(text: string): URL {
  const url = URL.parse(text);
  const whole = url && url.host !== "" ? url : URL.parse(`http://${text}`);
  if (!whole || !/^https?:$/.test(whole.protocol)) throw new ConfigurationError(`"${text}" is no server's address`);
  return whole;
}

async function authorizationOf({ token, tokenFile, username, password }: User): Promise<string | undefined> {
  // The file is newer.
  const read = tokenFile === undefined ? token : await tokenIn(tokenFile, token);
  if (read) return `Bearer ${read}`;
  if (!username && !password) return undefined;
  return `Basic ${Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64")}`;
}

async function tokenIn(file: string, otherwise: string | undefined): Promise<string> {
  try {
    const token = (await readFile(file, "utf8")).trim();
    if (token !== "") return token;
    throw new Error("it is empty");
  } catch (cause) {
    if (otherwise) return otherwise;
    throw new ConfigurationError(`reading the token in ${file}`, { cause });
  }
}

async function contentOf(what: string, file?: string, data?: Buffer): Promise<Buffer | undefined> {
  if (data || file === undefined) return data;
  return readFile(file).catch((cause: unknown) => {
    throw new ConfigurationError(`reading ${what} "${file}"`, { cause });
  });
}
