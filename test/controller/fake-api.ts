import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import type { KubeClient } from "../../api/kube/client/client.ts";
import type { KubeObject, ObjectMeta } from "../../api/kube/resources/object.ts";
import { pathOf, type Resource } from "../../api/kube/resources/resource.ts";
import { aClient, aServer, json } from "../api/kube/http-server.ts";
import { merged, plain, type Target, targetOf, termsOf, valueAt } from "./wire.ts";

/** The API server's time of day. */
export const apiTime = "2026-01-01T10:00:05Z";

/** An object as it is stored: plain JSON, replaced by each write and never changed. */
export interface Stored extends KubeObject {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number };
  readonly status?: { readonly phase?: string };
}

/** Told of each write: an object's plural, how it is or was last, and whether it is gone. */
export type Watcher = (plural: string, object: Stored, isGone: boolean) => void;

/** What a request says: an object, a patch of one, or the options of a deletion. */
interface Body extends Stored {
  readonly preconditions?: ObjectMeta;
  readonly gracePeriodSeconds?: number;
}

const reasons: Readonly<Record<number, string>> = {
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "Invalid",
};

/** A `metav1.Status` in the place of an answer. */
class Refusal extends Error {
  readonly status;

  constructor(code: number, message: string, more: { reason?: string; details?: object } = {}) {
    super(message);
    const reason = reasons[code] ?? "InternalError";
    this.status = { kind: "Status", apiVersion: "v1", status: "Failure", code, message, reason, ...more };
  }
}

/**
 * As much of an API server as the controller's stages need, in memory: objects by their paths, and the rules about
 * versions, sub-resources, preconditions and finalizers by which writers do each other no harm.
 */
export class FakeApi {
  readonly client: KubeClient;
  /** Plurals of kinds that it does not serve. */
  readonly unserved = new Set<string>();
  /** All objects by their paths. */
  readonly objects = new Map<string, Stored>();
  readonly #watcher: Watcher;
  readonly #before = new Map<string, () => void>();
  #version = 1000;

  private constructor(client: KubeClient, watcher: Watcher) {
    this.client = client;
    this.#watcher = watcher;
  }

  /** Starts one that ends with the test. */
  static async start(watcher: Watcher): Promise<FakeApi> {
    const serve = async (request: IncomingMessage): Promise<[object, number]> => {
      try {
        return [api.#answer(request, await text(request)), 200];
      } catch (error) {
        const { status } = error instanceof Refusal ? error : new Refusal(500, String(error));
        return [status, status.code];
      }
    };
    const { url } = await aServer((request, response) => {
      void serve(request).then(([answer, code]) => json(answer, code)(request, response));
    });
    const api = new FakeApi(aClient(url), watcher);
    return api;
  }

  /** Stores an object as it is given, but for its version. */
  put(resource: Resource<KubeObject>, object: KubeObject): void {
    const { metadata = {} } = object;
    this.#write({ plural: resource.plural, path: pathOf(resource, metadata) }, { ...object, metadata });
  }

  /** Takes an object away, whatever holds it. */
  remove(resource: Resource<KubeObject>, { metadata = {} }: KubeObject): void {
    const path = pathOf(resource, metadata);
    this.#remove({ plural: resource.plural, path }, this.objects.get(path)!);
  }

  /** Has something happen before the next request of a sort is looked at: `PATCH pods`, `PATCH pods/status`. */
  before(sort: string, happens: () => void): void {
    this.#before.set(sort, happens);
  }

  /** Refuses the next request of a sort. */
  refuse(sort: string, code: number, message: string): void {
    this.before(sort, () => {
      throw new Refusal(code, message);
    });
  }

  #answer({ method = "", url = "", headers }: IncomingMessage, body: string): object {
    const { pathname, searchParams } = new URL(url, "http://api");
    const target = targetOf(pathname);
    const { plural, name, subresource } = target;
    const sort = `${method} ${plural}${subresource === undefined ? "" : `/${subresource}`}`;
    const happens = this.#before.get(sort);
    this.#before.delete(sort);
    happens?.();
    // An API server that does not serve the kind names no object.
    if (this.unserved.has(plural)) throw new Refusal(404, "the server could not find the requested resource");
    if (name === undefined && method === "GET") return this.#list(target, searchParams);
    const given: Body = body === "" ? { metadata: {} } : JSON.parse(body);
    const result = name === undefined ? this.#create(target, given) : this.#named(method, target, given);
    if (!("metadata" in result) || !headers.accept?.includes("as=PartialObjectMetadata")) return result;
    return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: result.metadata };
  }

  #list({ path }: Target, query: URLSearchParams): object {
    const terms = [
      ...termsOf(query.get("labelSelector"), (name) => ["metadata", "labels", name]),
      ...termsOf(query.get("fieldSelector"), (name) => name.split(".")),
    ];
    const items = [...this.objects]
      .filter(
        ([at, object]) =>
          at.startsWith(`${path}/`) && terms.every(([field, value]) => valueAt(object, field) === value),
      )
      .map(([, object]) => object);
    return { kind: "List", apiVersion: "v1", metadata: { resourceVersion: String(this.#version) }, items };
  }

  #create({ plural, ...target }: Target, { status: _status, ...object }: Body): Stored {
    const { name } = object.metadata;
    const path = `${target.path}/${name}`;
    if (this.objects.has(path))
      throw new Refusal(409, `${plural} "${name}" already exists`, { reason: "AlreadyExists" });
    const made = { uid: `uid-${this.#version + 1}`, creationTimestamp: apiTime, generation: 1 };
    return this.#write({ plural, path }, { ...object, metadata: { ...object.metadata, ...made } });
  }

  #named(method: string, target: Target, body: Body): Stored | { kind: "Status" } {
    const { path, plural, name } = target;
    const object = this.objects.get(path);
    if (!object) throw new Refusal(404, `${plural} "${name}" not found`, { details: { name, kind: plural } });
    const { uid, resourceVersion } = object.metadata;
    const wanted: ObjectMeta = body.preconditions ?? body.metadata ?? {};
    const isSame = (wanted.uid ?? uid) === uid && (wanted.resourceVersion ?? resourceVersion) === resourceVersion;
    if (!isSame) throw new Refusal(409, `Operation cannot be fulfilled on ${plural} "${name}": it has changed`);
    if (method === "PATCH") return this.#patch(target, object, body);
    return method === "DELETE" ? this.#delete(target, object, body) : object;
  }

  #patch(target: Target, old: Stored, patch: Body): Stored {
    const { status, ...rest }: Stored = plain(merged(old, patch));
    const next: Stored = plain(target.subresource === "status" ? { ...old, status } : { ...rest, status: old.status });
    if (isDeepStrictEqual(next, old)) return old;
    const { deletionTimestamp, finalizers, generation } = next.metadata;
    const isLetGo = deletionTimestamp !== undefined && old.metadata.finalizers?.length && !finalizers?.length;
    if (isLetGo) return this.#remove(target, next);
    if (generation !== undefined && !isDeepStrictEqual(next.spec, old.spec)) next.metadata.generation = generation + 1;
    return this.#write(target, next);
  }

  #delete(target: Target, object: Stored, { gracePeriodSeconds }: Body): Stored | { kind: "Status" } {
    const { spec = {}, status = {}, metadata } = object;
    const isPod = target.plural === "pods";
    // A kubelet that may run the pod is waited for.
    const isUp = isPod && spec.nodeName && status.phase !== "Succeeded" && status.phase !== "Failed";
    const grace = isUp ? (gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) : 0;
    if (grace === 0 && !metadata.finalizers?.length) {
      this.#remove(target, object);
      return isPod ? object : { kind: "Status" };
    }
    if (metadata.deletionTimestamp !== undefined) return object;
    const marks = { deletionTimestamp: apiTime, deletionGracePeriodSeconds: grace };
    return this.#write(target, { ...object, metadata: { ...metadata, ...marks } });
  }

  #write({ path, plural }: Target, { metadata, ...object }: Stored): Stored {
    this.#version += 1;
    const stored: Stored = plain({ ...object, metadata: { ...metadata, resourceVersion: String(this.#version) } });
    this.objects.set(path, stored);
    this.#watcher(plural, stored, false);
    return stored;
  }

  #remove({ path, plural }: Target, last: Stored): Stored {
    this.objects.delete(path);
    this.#watcher(plural, last, true);
    return last;
  }
}
