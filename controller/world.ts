import type { KubeClient } from "../api/kube/client.ts";
import { type Claim, claims, type Node, nodes, type Pod, pods } from "../api/kube/core-resources.ts";
import type { Log } from "../api/kube/log.ts";
import { Reflector } from "../api/kube/reflector.ts";
import { annotations, labels, placeholderApp } from "../api/labels.ts";
import { instances, kubevirts, machines } from "../api/resources.ts";
import { Heartbeats } from "./node/heartbeats.ts";
import { claimKeysOf } from "./vmi/claims.ts";
import { nodeOf } from "./vmi/handed-over.ts";

/** What the reconcilers know of the cluster, kept up to date by watches. */
export class World {
  readonly machines;
  readonly instances;
  readonly pods;
  readonly nodes;
  readonly claims;
  /** The object of the installation; there is one as a rule. */
  readonly kubevirts;
  /** When each node's daemon was last heard of. Also a standby listens, so that it knows when it comes to lead. */
  readonly heartbeats;
  readonly #instancesByNode;
  readonly #instancesByClaim;

  constructor(client: KubeClient, log: Log) {
    this.machines = new Reflector(client, machines, { log });
    this.instances = new Reflector(client, instances, { log });
    this.pods = new Reflector(client, pods, {
      labelSelector: `${labels.app}=${placeholderApp}`,
      transform: podInShort,
      log,
    });
    this.nodes = new Reflector(client, nodes, { transform: nodeInShort, log });
    this.claims = new Reflector(client, claims, { transform: claimInShort, log });
    this.kubevirts = new Reflector(client, kubevirts, { log });
    this.heartbeats = new Heartbeats(this.nodes);
    this.#instancesByNode = this.instances.store.index((instance) => {
      const node = nodeOf(instance);
      return node === undefined ? [] : [node];
    });
    this.#instancesByClaim = this.instances.store.index(claimKeysOf);
  }

  /** Resolves when everything there is has been seen once. */
  async synced(): Promise<void> {
    await Promise.all(this.#reflectors.map(({ synced }) => synced));
  }

  /** What keeps it from knowing how the cluster is, as an error; `undefined` as long as it hears of every change. */
  get trouble(): unknown {
    return this.#reflectors.find(({ trouble }) => trouble !== undefined)?.trouble;
  }

  /** The keys of the instances on a node. */
  instanceKeysOn(node: string): string[] {
    return this.#instancesByNode.get(node).map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  }

  /** The keys of the instances with a volume that is the claim of a key. */
  instanceKeysWith(claim: string): string[] {
    return this.#instancesByClaim.get(claim).map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  }

  /** Watches until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  get #reflectors() {
    return [this.machines, this.instances, this.pods, this.nodes, this.claims, this.kubevirts];
  }
}

/** A placeholder pod without what nobody here reads, which is most of it. */
function podInShort({ apiVersion, kind, metadata, spec, status }: Pod): Pod {
  const { managedFields: _managedFields, annotations: _annotations, ...kept } = metadata ?? {};
  const nodeName = spec?.nodeName;
  const pod: Pod = { metadata: kept, spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) } };
  if (apiVersion !== undefined) pod.apiVersion = apiVersion;
  if (kind !== undefined) pod.kind = kind;
  if (status !== undefined) pod.status = status;
  return pod;
}

/** A node's name, its conditions, and what its daemon writes. Its images alone can be many kilobytes. */
function nodeInShort({ metadata, status }: Node): Node {
  const { name, uid, resourceVersion } = metadata ?? {};
  const known = Object.entries({ name, uid, resourceVersion }).filter(([, value]) => value !== undefined);
  const short = {
    ...Object.fromEntries(known),
    labels: only(metadata?.labels, [labels.schedulable]),
    annotations: only(metadata?.annotations, [annotations.heartbeat, annotations.unschedulableReason]),
  };
  const conditions = status?.conditions;
  return { metadata: short, status: conditions ? { conditions } : {} };
}

/** Those entries that have one of some names. */
function only(all: Readonly<Record<string, string>> = {}, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** A claim's size, modes and phase. */
function claimInShort({ metadata, spec, status }: Claim): Claim {
  const { name, namespace, uid, resourceVersion } = metadata ?? {};
  const known = Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined);
  return { metadata: Object.fromEntries(known), ...(spec ? { spec } : {}), ...(status ? { status } : {}) };
}
