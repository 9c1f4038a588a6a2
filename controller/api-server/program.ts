import type { Registry } from "prom-client";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { signForDaemons } from "../certificates/daemon-signer.ts";
import { CertificateManager } from "../certificates/manager.ts";
import { runTogether } from "../run-together.ts";
import { runApiServer } from "./run.ts";
import type { Stores } from "./stores.ts";
import { thisBuild } from "./version.ts";

/** Parts of the controller that the API server uses. */
export interface Lenders {
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly registry: Registry;
  /** The version of the object with the current settings. */
  readonly configVersion?: () => string | undefined;
  /** Troubles that only a restart of the program fixes, in words. */
  readonly fatal: () => readonly string[];
  /** Reasons why the program is not ready, in words. */
  readonly unready: () => readonly string[];
}

export interface ProgramOptions {
  /** The namespace of the add-on. */
  readonly namespace: string;
  /** By default the port in `httpsPorts`. */
  readonly port?: number;
  /** The image with which `virtctl guestfs` inspects disks; without it there is none. */
  readonly guestfsImage?: string | undefined;
  readonly log?: Log;
}

/**
 * Keeps the certificates, signs those of the node daemons and serves the aggregated API until the signal is aborted.
 * Every replica of the controller does so, not only the leader.
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
    // Without a certificate it cannot serve.
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
