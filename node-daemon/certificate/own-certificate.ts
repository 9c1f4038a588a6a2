import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { uptime } from "node:os";
import { daemonServerName } from "../../api/contract/daemon-certificate.ts";
import { backoffDelay } from "../../api/kube/controller/backoff.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { signingRequest } from "./signing-request.ts";

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface OwnCertificateOptions {
  readonly node: string;
  /** Has a request (PEM) signed, and resolves to the certificate (PEM). May take long; throws when refused. */
  readonly obtain: (request: string, signal: AbortSignal) => Promise<string>;
  /** The authorities (PEM) that are trusted now. */
  readonly authorities: () => Promise<string>;
  /** Milliseconds between two checks whether a new certificate is due. */
  readonly lookEvery?: number;
  /** Milliseconds since a fixed moment, by a clock that nobody sets; by default, since the node's boot. */
  readonly now?: () => number;
  readonly log?: Log;
}

/**
 * The serving certificate of this node alone. The process makes the key, and the key never leaves it: after a restart,
 * the daemon requests another certificate. It keeps using a certificate that it cannot renew.
 */
export class OwnCertificate {
  readonly #options: OwnCertificateOptions;
  readonly #listeners = new Set<() => void>();
  #pair: KeyPair | undefined;
  #certificate: X509Certificate | undefined;
  /**
   * The time of the renewal, partly random: nodes that started together do not all ask at once. It counts from when the
   * certificate came. A certificate's dates are by the controller's clock; a node with another time of day would
   * request certificates without end, or none in time.
   */
  #renewal = 0;
  /** The trusted authorities at the time of the request. */
  #askedUnder: string | undefined;

  constructor(options: OwnCertificateOptions) {
    this.#options = options;
  }

  /** The current certificate; `undefined` while there is none. */
  current(): KeyPair | undefined {
    return this.#pair;
  }

  /** Calls a listener whenever there is a new certificate. */
  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Obtains and renews the certificate until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { lookEvery = 60_000, log = noLog } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#look(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        log("warn", "no certificate of this node yet, it is asked for again", { error });
      }
      const delay = failures > 0 ? backoffDelay(failures, { base: 2000, max: 300_000 }) : lookEvery;
      await sleep(delay, signal).catch(() => {});
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const authorities = await this.#options.authorities();
    if (!this.#isDue(authorities)) return;
    const { node, obtain, log = noLog } = this.#options;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const cert = await obtain(signingRequest(privateKey, daemonServerName(node).slice(0, 64)), signal);
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(privateKey)) throw new Error("the certificate is that of another key");
    if (certificate.checkHost(daemonServerName(node)) === undefined) {
      throw new Error(`the certificate is made out to ${certificate.subjectAltName}, not to ${daemonServerName(node)}`);
    }
    this.#askedUnder = authorities;
    this.#certificate = certificate;
    const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
    this.#renewal = this.#now() + (to - from) * (0.6 + Math.random() / 15);
    this.#pair = { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
    log("info", "this node has a certificate of its own", { until: certificate.validTo });
    for (const listener of this.#listeners) listener();
  }

  /** Also true when its authority is no longer trusted, for example after the controller had to make a new one. */
  #isDue(authorities: string): boolean {
    const certificate = this.#certificate;
    if (!certificate || this.#now() >= this.#renewal) return true;
    return authorities !== this.#askedUnder && !isIssuedByOneOf(certificate, authorities);
  }

  #now(): number {
    return (this.#options.now ?? sinceBoot)();
  }
}

/** As `Clock.sinceBoot`: it also counts the time in which the node is suspended. */
const sinceBoot = (): number => uptime() * 1000;

function isIssuedByOneOf(certificate: X509Certificate, authorities: string): boolean {
  const found = authorities.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.some((pem) => {
    const authority = new X509Certificate(pem);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
}
