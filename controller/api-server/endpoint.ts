import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { Machines, ObjectName, Objects } from "./backends.ts";
import type { Fields } from "./body.ts";
import { notFound } from "./refusals.ts";
import type { User } from "./user.ts";

/** What a request is answered with. */
export type Answer =
  /** A JSON text; without a body when there is none. */
  | { kind: "json"; status: number; text?: string }
  /** The node daemon's answer, as it comes. */
  | { kind: "forward"; method: "GET" | "PUT"; node: string; path: string }
  /** A websocket that the node daemon serves. */
  | { kind: "websocket"; node: string; path: string; connection: ConnectionKind };

/** What websockets are for; metrics count them by it. */
export type ConnectionKind = "console" | "vnc" | "portforward";

/** A request for a sub-resource that its user may make. */
export interface SubresourceRequest extends ObjectName {
  readonly user: User;
  /** The path's segments after the sub-resource's name. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Fields;
  readonly dryRun: boolean;
  readonly objects: Objects;
  readonly machines: Machines;
  /** Objects are asked from the API server: what is known here led to a refusal before. */
  readonly live: boolean;
}

/** Answers requests for one sub-resource. */
export interface Endpoint {
  readonly method: "GET" | "PUT";
  /** How many segments may follow its name. */
  readonly rest?: { readonly min: number; readonly max: number };
  /** Whether it is reached by a websocket. */
  readonly websocket?: boolean;
  /** Throws StatusError to refuse. It is asked again, with live objects, before a refusal is told. */
  answer(request: SubresourceRequest): Promise<Answer>;
}

/** The machine that a request is about. Throws a 404. */
export async function machineOf(request: SubresourceRequest): Promise<SlimMachine> {
  const machine = await request.objects.machine(request, request.live);
  if (!machine) throw notFound("virtualmachine", request.name);
  return machine;
}

/** The instance that a request is about. Throws a 404. */
export async function instanceOf(request: SubresourceRequest): Promise<SlimInstance> {
  const instance = await request.objects.instance(request, request.live);
  if (!instance) throw notFound("virtualmachineinstance", request.name);
  return instance;
}

/** A query for a node daemon with whose request it is: it limits what each user has open. */
export function queryOf({ user }: SubresourceRequest, more: Readonly<Record<string, string>> = {}): URLSearchParams {
  return new URLSearchParams({ user: user.name, ...more });
}

/** The path of an instance at its node daemon. */
export function daemonPath({ namespace, name }: ObjectName, action: string, query = new URLSearchParams()): string {
  const path = `/v1/namespaces/${encodeURIComponent(namespace)}/virtualmachineinstances/${encodeURIComponent(name)}/${action}`;
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
