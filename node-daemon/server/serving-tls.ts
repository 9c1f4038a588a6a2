import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { sharedServerName } from "../../api/contract/daemon-certificate.ts";
import { serverTls } from "../../api/contract/tls-settings.ts";
import type { Log } from "../../api/kube/log.ts";
import { readTlsFiles, type TlsContents, watchTlsFiles } from "./tls-files.ts";

/** The certificate of this node, once there is one. */
export interface OwnPair {
  current(): { readonly cert: string; readonly key: string } | undefined;
  subscribe(listener: () => void): void;
}

/**
 * The server's certificates: the node's own one, or the one in the files that all nodes share. The shared one serves
 * until there is an own one, and for a controller of the previous release, which asks for it by name. A controller of
 * this release accepts it from no node.
 */
export class ServingTls {
  readonly #folder: string;
  readonly #own: OwnPair | undefined;
  #files: TlsContents;
  #shared: SecureContext;

  /** Throws when the files are missing, or do not belong together. */
  static async read(folder: string, own: OwnPair | undefined): Promise<ServingTls> {
    return new ServingTls(folder, own, await readTlsFiles(folder));
  }

  private constructor(folder: string, own: OwnPair | undefined, files: TlsContents) {
    this.#folder = folder;
    this.#own = own;
    this.#files = files;
    this.#shared = createSecureContext({ ...files, ...settings });
  }

  /** The context for clients that ask for no name, or for another one. */
  get context(): SecureContextOptions {
    return { ...this.#files, ...this.#own?.current(), ...settings };
  }

  /** For `tls.createServer`. */
  readonly SNICallback = (name: string, answer: (error: Error | null, context?: SecureContext) => void): void => {
    answer(null, name === sharedServerName ? this.#shared : undefined);
  };

  /** Calls back when a certificate has changed, until the signal aborts. */
  watch(changed: () => void, { signal, log }: { signal: AbortSignal; log: Log }): void {
    this.#own?.subscribe(changed);
    const renew = (files: TlsContents): void => {
      this.#files = files;
      this.#shared = createSecureContext({ ...files, ...settings });
      changed();
    };
    watchTlsFiles(this.#folder, this.#files, renew, { signal, log });
  }
}

/** All clients of a node daemon support TLS 1.3: the controller, the kubelet, Prometheus. */
const settings: SecureContextOptions = { ...serverTls, minVersion: "TLSv1.3" };
