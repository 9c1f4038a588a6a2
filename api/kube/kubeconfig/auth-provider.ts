import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import type { AuthProvider } from "./entries.ts";

/** Credentials of an `auth-provider`, such as OIDC, through client-node. */
export class ProvidedCredentials {
  readonly #provider: AuthProvider;
  #config: Promise<KubeConfig> | undefined;

  constructor(provider: AuthProvider) {
    this.#provider = provider;
  }

  /** The Authorization header, if there is one. */
  async authorization(): Promise<string | undefined> {
    this.#config ??= this.#load();
    const options: RequestOptions = { headers: {} };
    await (await this.#config).applyToHTTPSOptions(options);
    const header: unknown = Object(options.headers).Authorization;
    return typeof header === "string" ? header : undefined;
  }

  async #load(): Promise<KubeConfig> {
    // Imported only when needed: it costs a second and 80 MB.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    const name = "own";
    config.loadFromOptions({
      clusters: [{ name, server: "https://localhost" }],
      users: [{ name, authProvider: this.#provider }],
      contexts: [{ name, cluster: name, user: name }],
      currentContext: name,
    });
    return config;
  }
}
