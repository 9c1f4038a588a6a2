import type { Registry } from "prom-client";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { signForDaemons } from "../certificates/daemon-signer.ts";
import { CertificateManager } from "../certificates/manager.ts";
import { runTogether } from "../run-together.ts";
import { runApiServer } from "./run.ts";
import type { Stores } from "./stores.ts";
import { thisBuild } from "./version.ts";

/** What the rest of the controller lends. */
export interface Lenders {
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly registry: Registry;
  /** The version of the object whose settings are in force. */
  readonly configVersion?: () => string | undefined;
  /** What only a restart of the program mends, in words. */
  readonly fatal: () => readonly string[];
  /** What keeps the program from being ready, in words. */
  readonly unready: () => readonly string[];
}

export interface ProgramOptions {
  /** The namespace of the add-on. */
  readonly namespace: string;
  /** The contract's by default. */
  readonly port?: number;
  /** The image that `virtctl guestfs` inspects disks with; none when absent. */
  readonly guestfsImage?: string | undefined;
  readonly log?: Log;
}

/**
 * Keeps the certificates, signs those of the node daemons and serves the aggregated API until the signal is aborted. Every replica of the controller does
 * so, whoever leads.
 */
export async function serveApi(lenders: Lenders, options: ProgramOptions, signal: AbortSignal): Promise<void> {
  const { client } = lenders;
  const { namespace, log = noLog } = options;
  const manager = new CertificateManager({ client, namespace, log });
  const { server, controller } = manager.materials;
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const { authorities } = manager;
  const keeping = runTogether(
    [(until) => manager.run(until), (until) => signForDaemons({ client, namespace, authorities, log }, until)],
    both,
  );
  try {
    // There is nothing to serve with before.
    await Promise.race([server.known(both), keeping]);
    if (!both.aborted)
      await runApiServer({ ...lenders, ...options, build: thisBuild, serving: server, daemonTls: controller }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
    await keeping;
  }
}
