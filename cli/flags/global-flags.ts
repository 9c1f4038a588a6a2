import { type Command, Option } from "commander";
import { duration, repeated } from "./values.ts";

/** kubectl's flags for all commands, as far as a plugin needs them. */
export interface GlobalFlags {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  /** Milliseconds; 0 is no limit. */
  requestTimeout?: number;
  server?: string;
  token?: string;
  as?: string;
  asGroup?: string[];
  asUid?: string;
  asUserExtra?: string[];
  certificateAuthority?: string;
  clientCertificate?: string;
  clientKey?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  proxyUrl?: string;
}

/** The flags that every command takes, before or after its name. */
export function globalOptions(): Option[] {
  return [
    new Option("--kubeconfig <file>", "the kubeconfig file to use"),
    new Option("--context <name>", "the kubeconfig context to use"),
    new Option("--cluster <name>", "the kubeconfig cluster to use"),
    new Option("--user <name>", "the kubeconfig user to use"),
    new Option("-n, --namespace <name>", "the namespace; that of the context when absent"),
    new Option("-s, --server <url>", "the address of the API server"),
    new Option("--request-timeout <duration>", "how long one request may take; 0 is no limit").argParser(duration),
    new Option("--token <token>", "bearer token for the API server"),
    new Option("--as <user>", "the user to impersonate"),
    new Option("--as-group <group>", "a group to impersonate; may be repeated").argParser(repeated),
    new Option("--as-uid <uid>", "the UID to impersonate"),
    new Option("--as-user-extra <name=value>", "what else to impersonate; may be repeated").argParser(repeated),
    new Option("--certificate-authority <file>", "the certificate authority of the API server"),
    new Option("--client-certificate <file>", "the client certificate"),
    new Option("--client-key <file>", "the client certificate's key"),
    new Option("--insecure-skip-tls-verify", "do not check the API server's certificate (this is insecure)"),
    new Option("--tls-server-name <name>", "the name that the API server's certificate must have"),
    new Option("--proxy-url <url>", "the proxy to the API server"),
  ];
}

/** Adds the flags to a program and hides them from its help; the command `options` shows them. */
export function addGlobalOptions(program: Command): void {
  for (const option of globalOptions()) program.addOption(option.hideHelp());
}
