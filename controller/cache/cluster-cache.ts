import { labels, placeholderApp } from "../../api/contract/labels.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { Reflector } from "../../api/kube/controller/reflector.ts";
import type { Log } from "../../api/kube/log.ts";
import { claims, nodes, pods } from "../../api/kube/resources/core-resources.ts";
import { keyOf } from "../../api/kube/resources/object.ts";
import { kubevirts } from "../../api/resources.ts";
import { Heartbeats } from "../node/heartbeats.ts";
import { slimClaim } from "./slim-claim.ts";
import { claimDigest, instanceReflector } from "./slim-instance.ts";
import { machineReflector } from "./slim-machine.ts";
import { slimNode } from "./slim-node.ts";
import { slimPod } from "./slim-pod.ts";
import { WholeReader } from "./whole-reader.ts";

/** The cluster's state for the reconcilers, kept up to date by watches. */
export class ClusterCache {
  readonly machines;
  readonly instances;
  /** Reads the parts of machines and instances that the cache does not hold. */
  readonly wholeReader;
  readonly pods;
  readonly nodes;
  readonly claims;
  /** The object of the installation; usually there is one. */
  readonly kubevirts;
  /** When each node's daemon was last heard of. A standby tracks it too, and so knows it when it becomes leader. */
  readonly heartbeats;
  readonly #instancesByNode;
  readonly #instancesByClaim;

  constructor(client: KubeClient, log: Log) {
    this.machines = machineReflector(client, log);
    this.instances = instanceReflector(client, log);
    this.wholeReader = new WholeReader(client);
    this.pods = new Reflector(client, pods, {
      labelSelector: `${labels.app}=${placeholderApp}`,
      transform: slimPod,
      log,
    });
    this.nodes = new Reflector(client, nodes, { transform: slimNode, log });
    this.claims = new Reflector(client, claims, { transform: slimClaim, log });
    this.kubevirts = new Reflector(client, kubevirts, { log });
    this.heartbeats = new Heartbeats(this.nodes);
    this.#instancesByNode = this.instances.store.index(({ summary: { node } }) => (node === undefined ? [] : [node]));
    this.#instancesByClaim = this.instances.store.index(({ summary }) => summary.claims);
  }

  /** Resolves when the cache has listed all objects once. */
  async synced(): Promise<void> {
    await Promise.all(this.#reflectors.map(({ synced }) => synced));
  }

  /** The error because of which the cache misses changes; `undefined` while every change arrives. */
  get trouble(): unknown {
    return this.#reflectors.find(({ trouble }) => trouble !== undefined)?.trouble;
  }

  /** The keys of the instances on a node. */
  instanceKeysOn(node: string): string[] {
    return this.#instancesByNode.get(node).map(keyOf);
  }

  /** The keys of the instances with a volume on the claim of a key. */
  instanceKeysWith(claim: string): string[] {
    return this.#instancesByClaim.get(claimDigest(claim)).map(keyOf);
  }

  /** Watches until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  get #reflectors() {
    return [this.machines, this.instances, this.pods, this.nodes, this.claims, this.kubevirts];
  }
}
