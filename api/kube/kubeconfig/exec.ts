import { spawn } from "node:child_process";
import { once } from "node:events";
import { normalize } from "node:path";
import { text } from "node:stream/consumers";
import { isatty } from "node:tty";
import { errorCode } from "../../values/error-code.ts";
import { parseYaml } from "../../values/yaml.ts";
import { ConfigurationError } from "../client/errors.ts";
import type { Exec } from "./entries.ts";

/** The cluster data for a credential program that wants it (`ExecCredential`'s `spec.cluster`). */
export interface ExecCluster {
  server: string;
  "tls-server-name"?: string;
  "insecure-skip-tls-verify"?: boolean;
  /** In base64. */
  "certificate-authority-data"?: string;
  "proxy-url"?: string;
  "disable-compression"?: boolean;
  config: unknown;
}

/** The program's answer (`ExecCredential`'s `status`). */
export interface ExecCredential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  /** When the credential expires, in a form for `Date.parse`. */
  readonly expirationTimestamp?: string;
}

/** The name of another reader of standard input, if there is one; a credential program then cannot ask there. */
export type StdinUser = () => string | undefined;

/**
 * Runs a credential program. Its messages for people go to our standard error. Throws ConfigurationError when the
 * program cannot run, fails, or prints no credentials.
 */
export async function runExec(exec: Exec, cluster: ExecCluster, stdinUser: StdinUser): Promise<ExecCredential> {
  const { command, args, apiVersion } = exec;
  const interactive = isInteractive(exec, stdinUser());
  const spec = { ...(exec.provideClusterInfo ? { cluster } : {}), interactive };
  const info = JSON.stringify({ kind: "ExecCredential", apiVersion, spec });
  const own = Object.fromEntries(exec.env.map(({ name, value }) => [name, value]));
  const child = spawn(normalize(command), args, {
    env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: info },
    stdio: [interactive ? "inherit" : "ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  // The output of a missing program closes too.
  const printed = text(child.stdout);
  const [[code]] = await Promise.all([closed, printed]).catch((cause: unknown) => {
    throw notRun(exec, cause);
  });
  if (code !== 0) throw new ConfigurationError(`exec: executable ${command} failed with exit code ${code}`);
  return credentialOf(await printed, apiVersion);
}

function isInteractive({ interactiveMode }: Exec, user: string | undefined): boolean {
  if (interactiveMode === "Never") return false;
  const isTerminal = isatty(0);
  if (interactiveMode === "IfAvailable") return isTerminal && user === undefined;
  const why = !isTerminal ? "is not a terminal" : user === undefined ? undefined : `is unavailable: used by ${user}`;
  if (why) throw new ConfigurationError(`exec plugin cannot support interactive mode: standard input ${why}`);
  return true;
}

function notRun({ command, installHint }: Exec, cause: unknown): ConfigurationError {
  const isMissing = errorCode(cause) === "ENOENT";
  if (!isMissing) return new ConfigurationError(`exec: executable ${command} could not be run`, { cause });
  const hint = installHint === undefined ? "" : `\n\n${shown(installHint)}`;
  return new ConfigurationError(
    `exec: executable ${command} not found; the kubeconfig has it tell the credentials${hint}`,
  );
}

/** Text of a file without characters that could change a terminal's state. */
function shown(hint: string): string {
  return hint.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\t-\r]/gu, "\uFFFD");
}

function credentialOf(printed: string, wanted: string): ExecCredential {
  const { kind, apiVersion, status } = objectOf(printed);
  if (kind !== "ExecCredential") throw new ConfigurationError("exec plugin didn't return an ExecCredential");
  if (apiVersion !== wanted) {
    throw new ConfigurationError(
      `exec plugin is configured to use API version ${wanted}, plugin returned version ${String(apiVersion)}`,
    );
  }
  if (typeof status !== "object" || status === null) {
    throw new ConfigurationError("exec plugin didn't return a status field");
  }
  const credential: ExecCredential = status;
  const { token, clientCertificateData: cert, clientKeyData: key } = credential;
  if (!token && !cert && !key) throw new ConfigurationError("exec plugin didn't return a token or cert/key pair");
  if (!cert !== !key) throw new ConfigurationError("exec plugin returned only certificate or key, not both");
  return credential;
}

function objectOf(printed: string): Readonly<Record<string, unknown>> {
  try {
    const [value] = parseYaml(printed);
    return Object(value);
  } catch (cause) {
    throw new ConfigurationError("decoding stdout of the exec plugin", { cause });
  }
}
