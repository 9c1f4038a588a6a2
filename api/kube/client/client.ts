import type { IncomingMessage } from "node:http";
import type { Credentials } from "../credentials/credentials.ts";
import type { KubeObject, List, Ref } from "../resources/object.ts";
import { acceptOf, type PathParts, pathOf, queryOf, type Resource } from "../resources/resource.ts";
import { sleep } from "../sleep.ts";
import { apiError, bodyOf, notJson } from "./answer.ts";
import type {
  CallOptions,
  ClientOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  RawAnswer,
  RawOptions,
  WriteOptions,
} from "./client-options.ts";
import { ApiError, type Status, TimeLimitError } from "./errors.ts";
import { retryDelay } from "./retry.ts";
import { Transport } from "./transport.ts";

/**
 * A client for the API server's verbs. Objects are plain JSON, in and out. Every method throws ApiError when the server
 * refuses, NetworkError or TimeLimitError without an answer, and the signal's reason after an abort.
 */
export class KubeClient {
  readonly transport: Transport;
  readonly #options: ClientOptions;

  /** The namespace for calls that name none. */
  readonly namespace: string;

  constructor(way: Credentials | Transport, options: ClientOptions & { namespace?: string | undefined } = {}) {
    this.transport = way instanceof Transport ? way : new Transport(way, options);
    this.#options = options;
    this.namespace = options.namespace ?? this.transport.credentials.namespace;
  }

  /** A copy of this client with another default namespace; this client itself for `undefined`. */
  within(namespace: string | undefined): KubeClient {
    return namespace === undefined ? this : new KubeClient(this.transport, { ...this.#options, namespace });
  }

  /** Reads an object. Throws ApiError (`isNotFound`) when it does not exist. */
  async get<T extends KubeObject>(resource: Resource<T>, ref: Ref, options: GetOptions = {}): Promise<T> {
    return this.#json(
      acceptOf(resource),
      "GET",
      this.#path(resource, { ...ref, subresource: options.subresource }),
      options,
    );
  }

  /** Lists one page if there is a limit, else all. It adds kind and apiVersion to items; the server omits them. */
  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<List<T>> {
    const { signal: _signal, timeLimit: _timeLimit, namespace, ...query } = options;
    const path = pathOf(resource, { namespace }) + queryOf(query);
    const list = await this.#json<List<T> & KubeObject>(acceptOf(resource, { list: true }), "GET", path, options);
    const { apiVersion } = list;
    const kind = list.kind?.replace(/List$/, "");
    // A server in Go may write an empty list as null.
    list.items = (list.items ?? []).map((item) => ({ apiVersion, kind, ...item }));
    return list;
  }

  /** Creates an object. Throws ApiError (`isAlreadyExists`) when it exists. */
  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata ?? {};
    const { subresource } = options;
    const parts = subresource === undefined ? { namespace } : { namespace, name, subresource };
    return this.#json(acceptOf(resource), "POST", this.#path(resource, parts) + this.#query(options), options, object);
  }

  /** Replaces an object. Throws ApiError (`isConflict`) when the object has another resourceVersion by now. */
  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    return this.#json(acceptOf(resource), "PUT", this.#pathOfObject(resource, object, options), options, object);
  }

  /** Patches by RFC 7386: given fields are set, fields given as null are removed, lists are replaced. */
  async mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#patch(resource, ref, "application/merge-patch+json", patch, options);
  }

  /** Patches by RFC 6902. Throws ApiError (`isInvalid`) when a test in the patch fails. */
  async jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: readonly JsonPatchOperation[],
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#patch(resource, ref, "application/json-patch+json", patch, options);
  }

  /**
   * Server-side apply: creates the object, or sets the given fields and removes fields that are no longer given. Throws
   * ApiError (`isConflict`) when another manager owns a field, unless `force` takes the field over.
   */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    { force = false, ...options }: WriteOptions & { force?: boolean } = {},
  ): Promise<T> {
    const path = this.#pathOfObject(resource, object, options, { force });
    // JSON is YAML; the server accepts this spelling of the apply type since 1.16.
    return this.#json(acceptOf(resource), "PATCH", path, options, object, "application/apply-patch+yaml");
  }

  /**
   * Deletes an object. Resolves to the object's last state or, if finalizers or a grace period keep it, to its current
   * state. Throws ApiError (`isNotFound`) when it is gone already.
   */
  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    { signal, timeLimit, dryRun, ...options }: DeleteOptions = {},
  ): Promise<T | (Status & { kind: "Status" })> {
    const call = { signal, ...(timeLimit === undefined ? {} : { timeLimit }) };
    // With a body, the server ignores options in the query.
    const body = { apiVersion: "v1", kind: "DeleteOptions", ...options, ...(dryRun ? { dryRun: ["All"] } : {}) };
    return this.#json(acceptOf(resource), "DELETE", this.#path(resource, ref), call, body);
  }

  /** Sends any request and reads its answer to the end. Throws ApiError when the status is 400 or more. */
  async raw(method: string, path: string, options: RawOptions = {}): Promise<RawAnswer> {
    return this.#repeat(options, async (timeLimit) => {
      const started = performance.now();
      const answer = await this.#send({ ...options, method, path, timeLimit });
      const rest = Math.max(1, timeLimit - (performance.now() - started));
      const late = new TimeLimitError(`${method} ${path}: no end within ${timeLimit / 1000} s`);
      const timer = setTimeout(() => answer.destroy(late), rest);
      const body = await bodyOf(answer, options.signal).finally(() => clearTimeout(timer));
      return { status: answer.statusCode ?? 0, headers: answer.headers, body };
    });
  }

  /**
   * Sends a GET whose answer comes bit by bit, such as a followed log. The caller destroys the answer, or aborts the
   * signal, when it is no longer needed.
   */
  async stream(path: string, options: RawOptions = {}): Promise<IncomingMessage> {
    return this.#repeat(options, (timeLimit) =>
      this.#send({ ...options, method: "GET", path, timeLimit, stream: true }),
    );
  }

  /** Closes the idle connections; running requests continue. */
  close(): void {
    this.transport.close();
  }

  async #patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    type: string,
    patch: object,
    options: WriteOptions,
  ): Promise<T> {
    const path = this.#path(resource, { ...ref, subresource: options.subresource }) + this.#query(options);
    return this.#json(acceptOf(resource), "PATCH", path, options, patch, type);
  }

  async #json<T>(
    accept: string,
    method: string,
    path: string,
    { signal, timeLimit }: CallOptions,
    body?: object,
    type = "application/json",
  ): Promise<T> {
    const answer = await this.raw(method, path, {
      signal,
      ...(timeLimit === undefined ? {} : { timeLimit }),
      headers: { accept, ...(body ? { "content-type": type } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = answer.body.toString("utf8");
    try {
      const value: T = JSON.parse(text);
      return value;
    } catch (cause) {
      throw notJson(text, `the answer to ${method} ${path}`, cause);
    }
  }

  /** Sends one request; throws ApiError when the status is 400 or more. */
  async #send(request: Parameters<Transport["send"]>[0]): Promise<IncomingMessage> {
    const started = performance.now();
    let status = 0;
    try {
      const answer = await this.transport.send(request);
      status = answer.statusCode ?? 0;
      this.#warn(answer);
      if (status < 400) return answer;
      throw apiError(answer, (await bodyOf(answer, request.signal)).toString("utf8"));
    } finally {
      const { method, path } = request;
      this.#options.onRequest?.({ method, path, status, duration: performance.now() - started });
    }
  }

  /** Repeats a request that may be repeated, within the time limit. */
  async #repeat<T>({ signal, timeLimit = this.#options.timeLimit ?? 30_000 }: CallOptions, send: Send<T>): Promise<T> {
    const deadline = performance.now() + timeLimit;
    let refused = false;
    for (let failures = 1; ; failures += 1) {
      try {
        return await send(Math.max(1, deadline - performance.now()));
      } catch (error) {
        if (error instanceof ApiError && error.isUnauthorized && !refused) {
          refused = true;
          if (await this.transport.credentials.refused()) continue;
        }
        const last = failures >= (this.#options.attempts ?? 6);
        const delay = last ? undefined : retryDelay(error, failures);
        if (delay === undefined || performance.now() + delay > deadline) throw error;
        await sleep(delay, signal);
      }
    }
  }

  #path(resource: Resource<KubeObject>, { namespace = this.namespace, ...parts }: PathParts): string {
    return pathOf(resource, { namespace, ...parts });
  }

  #pathOfObject(
    resource: Resource<KubeObject>,
    { metadata }: KubeObject,
    options: WriteOptions,
    query: { force?: boolean } = {},
  ): string {
    const parts = { namespace: metadata?.namespace, name: metadata?.name ?? "", subresource: options.subresource };
    return this.#path(resource, parts) + this.#query(options, query);
  }

  #query({ dryRun, fieldManager, fieldValidation }: WriteOptions, more: { force?: boolean } = {}): string {
    const manager = fieldManager ?? this.#options.fieldManager ?? this.transport.userAgent;
    return queryOf({ dryRun: dryRun && "All", fieldManager: manager, fieldValidation, ...more });
  }

  #warn({ headers }: IncomingMessage): void {
    // RFC 7234: `299 - "text"`, with commas between several.
    for (const [, text] of (headers["warning"] ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      this.#options.onWarning?.((text ?? "").replace(/\\(.)/g, "$1"));
    }
  }
}

type Send<T> = (timeLimit: number) => Promise<T>;

/** One step of a JSON patch. */
export type JsonPatchOperation =
  | { op: "add" | "replace" | "test"; path: string; value: unknown }
  | { op: "remove"; path: string }
  | { op: "move" | "copy"; from: string; path: string };
