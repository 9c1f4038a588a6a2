import { labels, placeholderApp } from "../../api/contract/labels.ts";
import { placeholderCandidateIn, recordedPlaceholder } from "../../api/contract/placeholder.ts";
import type { Outcome } from "../../api/kube/controller/controller.ts";
import type { ReadonlyStore, Store } from "../../api/kube/controller/store.ts";
import { type Event, EventRecorder, events } from "../../api/kube/events.ts";
import { noLog } from "../../api/kube/log.ts";
import { claims, nodes, pods } from "../../api/kube/resources/core-resources.ts";
import { type KubeObject, keyOf, type ObjectMeta } from "../../api/kube/resources/object.ts";
import { pathOf, type Resource } from "../../api/kube/resources/resource.ts";
import { instances, machines } from "../../api/resources.ts";
import { controllerRevisions } from "../../api/revision.ts";
import { ClusterCache } from "../../controller/cache/cluster-cache.ts";
import { slimClaim } from "../../controller/cache/slim-claim.ts";
import { cachedInstance, slimInstances } from "../../controller/cache/slim-instance.ts";
import { cachedMachine, slimMachines } from "../../controller/cache/slim-machine.ts";
import { slimNode } from "../../controller/cache/slim-node.ts";
import { slimPod } from "../../controller/cache/slim-pod.ts";
import type { NodeStage } from "../../controller/node/context.ts";
import { NodeEvents } from "../../controller/node/events.ts";
import { Heartbeats } from "../../controller/node/heartbeats.ts";
import { controls } from "../../controller/vm/adopt.ts";
import type { MachineContext, MachineStage } from "../../controller/vm/context.ts";
import { MachineEvents } from "../../controller/vm/events.ts";
import type { InstanceContext, InstanceStage } from "../../controller/vmi/context.ts";
import { InstanceEvents } from "../../controller/vmi/events.ts";
import { isHandedOver, nodeOf } from "../../controller/vmi/handed-over.ts";
import { MadePods } from "../../controller/vmi/made-pods.ts";
import { networkDefinitions, settings } from "./builders.ts";
import { FakeApi, type Stored, type Watcher } from "./fake-api.ts";
import { merged } from "./wire.ts";

/** The time of day at which stages run. */
const now = new Date("2026-01-01T10:00:09Z");

const resources = [instances, machines, pods, nodes, claims, events, controllerRevisions, networkDefinitions];

const key = "default/demo";

/** How a stage looks at the world. */
export interface Look {
  /** For how many milliseconds the controller has known of what it looks at; 0 by default. */
  readonly knownFor?: number;
  /** What happens after the stage was told how things are. */
  readonly meanwhile?: () => void;
}

/** A watch's news of an object: its plural, how it is or was last, and whether it is gone. */
type News = Parameters<Watcher>;

/** A small cluster, in which the controller looks at the instance and the machine `demo` or at the node `node-1`. */
export class World {
  readonly api: FakeApi;
  readonly cache: ClusterCache;
  readonly made = new MadePods();
  /** The clock by which nodes are silent, and whether the controller hears of nodes at all. */
  readonly nodes = { now: 1_000_000, areWatched: true };
  /** The plurals of what the last stage has written and not waited to see. */
  unseen: readonly string[] = [];
  /** The paths of the objects that the last stage has changed. */
  changed: readonly string[] = [];
  readonly heartbeats: Heartbeats;
  readonly #recorder: EventRecorder;
  readonly #signal = new AbortController().signal;
  readonly #feeds;
  /** What the watches have not told yet: it waits until somebody listens for it, or a stage has ended. */
  readonly #untold: News[];

  constructor(api: FakeApi, untold: News[]) {
    const { client } = api;
    this.api = api;
    this.#untold = untold;
    const cache = new ClusterCache(client, noLog);
    this.cache = cache;
    const { nodes: clock } = this;
    const watched = {
      store: cache.nodes.store,
      get inTouchSince() {
        return clock.areWatched ? 0 : undefined;
      },
    };
    this.heartbeats = new Heartbeats(watched, () => clock.now);
    this.#recorder = new EventRecorder(client, { component: "virt-controller" }, this.#signal);
    this.#feeds = new Map([
      [machines.plural, this.#feed(cache.machines.store, cachedMachine)],
      [instances.plural, this.#feed(cache.instances.store, cachedInstance)],
      [pods.plural, this.#feed(cache.pods.store, slimPod, ({ metadata }) => isPlaceholder(metadata))],
      [nodes.plural, this.#feed(cache.nodes.store, slimNode)],
      [claims.plural, this.#feed(cache.claims.store, slimClaim)],
    ]);
  }

  /** What was told by events. */
  get told(): string[] {
    const all = [...this.api.objects.values()].filter(({ kind }) => kind === "Event") as Event[];
    return all.map(({ involvedObject: { kind }, type, reason, message }) => `${kind} ${type} ${reason}: ${message}`);
  }

  /** Stores objects as they are given. */
  put(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.api.put(resourceOf(object), object);
  }

  /** The object of this one's kind and name, as the API server has it. */
  get<T extends KubeObject>(object: T): T | undefined {
    return this.api.objects.get(pathOf(resourceOf(object), object.metadata)) as T | undefined;
  }

  /** Somebody else's write: a merge patch of all of an object. */
  change(object: KubeObject, patch: object): void {
    this.put(merged(this.get(object), patch) as KubeObject);
  }

  /** Takes objects away at once. */
  remove(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.api.remove(resourceOf(object), object);
  }

  /** Runs a stage of the instance. */
  async instance(stage: InstanceStage, look: Look = {}): Promise<Outcome | undefined> {
    return this.#run(look, async () => {
      const { cache, made } = this;
      const cached = cache.instances.store.get(key)!;
      const instance = await cache.wholeReader.slim(slimInstances, cached, this.#signal);
      const claimant = placeholderCandidateIn(cache.pods.store, instance.metadata);
      const uid = claimant?.metadata?.uid ?? "";
      const recorded = recordedPlaceholder(instance.metadata);
      // As `controller/vmi/controller.ts` tells them apart.
      const isOurs = recorded === uid || made.has(key, uid) || (recorded === undefined && isHandedOver(instance));
      const context: InstanceContext = {
        ...this.#common,
        cache,
        events: new InstanceEvents(this.#recorder),
        settings,
        instance,
        withWhole: cache.wholeReader.withWhole(instances, cached, instance.metadata, this.#signal),
        pod: isOurs ? claimant : undefined,
        foreignPod: isOurs ? undefined : claimant,
        made,
        podAge: look.knownFor ?? 0,
        node: cache.nodes.store.get(nodeOf(instance) ?? ""),
        now,
      };
      return async () => stage(context);
    });
  }

  /** Runs a stage of the machine. */
  async machine(stage: MachineStage, look: Look = {}): Promise<Outcome | undefined> {
    return this.#run(look, async () => {
      const { cache } = this;
      const cached = cache.machines.store.get(key)!;
      const machine = await cache.wholeReader.slim(slimMachines, cached, this.#signal);
      const held = cache.instances.store.get(key);
      const present = held && (await cache.wholeReader.slim(slimInstances, held, this.#signal));
      const isOurs = present !== undefined && controls(machine, present);
      const context: MachineContext = {
        ...this.#common,
        cache,
        events: new MachineEvents(this.#recorder),
        machine,
        withWhole: cache.wholeReader.withWhole(machines, cached, machine.metadata, this.#signal),
        instance: isOurs ? present : undefined,
        foreignInstance: isOurs ? undefined : present,
        firstSeen: { age: (thing) => (thing === undefined ? 0 : (look.knownFor ?? 0)) },
        now,
      };
      return async () => stage(context);
    });
  }

  /** Runs a stage of the node. */
  async node(stage: NodeStage, look: Look = {}): Promise<Outcome | undefined> {
    return this.#run(look, async () => {
      const { heartbeats } = this;
      const { nodes: known } = this.cache;
      const node = known.store.get("node-1")!;
      const parts = { cache: { nodes: known, heartbeats }, events: new NodeEvents(this.#recorder), node };
      return async () =>
        stage({ ...this.#common, ...parts, settings: { namespace: "kubevirt", silentAfter: 240_000 } });
    });
  }

  get #common() {
    return { client: this.api.client, signal: this.#signal };
  }

  async #run(
    { meanwhile }: Look,
    prepare: () => Promise<() => Promise<Outcome | undefined>>,
  ): Promise<Outcome | undefined> {
    this.#tell();
    const stage = await prepare();
    meanwhile?.();
    const before = new Map(this.api.objects);
    try {
      return await stage();
    } finally {
      this.unseen = this.#tell();
      await this.#recorder.flush();
      const paths = new Set([...before.keys(), ...this.api.objects.keys()]);
      this.changed = [...paths].filter((path) => before.get(path) !== this.api.objects.get(path));
    }
  }

  /** Has the watches tell what they have not told yet; returns of what kinds that was. */
  #tell(): string[] {
    const told: string[] = [];
    for (const [plural, object, isGone] of this.#untold.splice(0)) {
      const feed = this.#feeds.get(plural);
      if (!feed) continue;
      feed(object, isGone);
      told.push(plural);
    }
    return told;
  }

  /** Keeps a store in step with what the watches tell. Whoever listens to it is told of what has not been told yet. */
  #feed<Kept extends KubeObject>(
    kept: ReadonlyStore<Kept>,
    keep: (object: never) => Kept,
    selects: (object: Stored) => boolean = () => true,
  ): (object: Stored, isGone: boolean) => void {
    const store = kept as Store<Kept>;
    const subscribe = store.subscribe.bind(store);
    store.subscribe = (listener) => {
      queueMicrotask(() => this.#tell());
      return subscribe(listener);
    };
    return (object, isGone) => {
      if (!selects(object)) return;
      if (isGone) store.delete(keyOf(object));
      else store.set(keep(structuredClone(object) as never));
    };
  }
}

/** A world of some objects. */
export async function aWorld(...objects: readonly KubeObject[]): Promise<World> {
  const untold: News[] = [];
  const api = await FakeApi.start((...news) => untold.push(news));
  const world = new World(api, untold);
  world.put(...objects);
  return world;
}

function resourceOf({ kind }: KubeObject): Resource<KubeObject> {
  return resources.find((resource) => resource.kind === kind)!;
}

function isPlaceholder({ labels: given }: ObjectMeta): boolean {
  return given?.[labels.app] === placeholderApp;
}
