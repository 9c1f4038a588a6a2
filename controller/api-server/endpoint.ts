import type { DaemonAction, DaemonRequest } from "../../api/contract/daemon-request.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { Machines, ObjectName, Objects } from "./backends.ts";
import type { Fields } from "./body.ts";
import { notFound } from "./refusals.ts";
import type { User } from "./user.ts";

/** The answer to a request. */
export type Answer =
  /** A JSON text; without `text` the body is empty. */
  | { kind: "json"; status: number; text?: string }
  /** The node daemon's answer, passed on as it comes. */
  | { kind: "forward"; node: string; request: DaemonRequest }
  /** A websocket that the node daemon serves. */
  | { kind: "websocket"; node: string; request: DaemonRequest; connection: ConnectionKind };

/** The purposes of websockets; metrics count them separately. */
export type ConnectionKind = "console" | "vnc" | "portforward";

/** A request for a sub-resource, after its user was authorized. */
export interface SubresourceRequest extends ObjectName {
  readonly user: User;
  /** The path's segments after the sub-resource's name. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Fields;
  readonly dryRun: boolean;
  readonly objects: Objects;
  readonly machines: Machines;
  /** Whether objects come from the API server, because the cached ones led to a refusal. */
  readonly live: boolean;
}

/** The handler of one sub-resource. */
export interface Endpoint {
  readonly method: "GET" | "PUT";
  /** How many path segments may follow the name. */
  readonly rest?: { readonly min: number; readonly max: number };
  /** Whether clients connect to it by a websocket. */
  readonly websocket?: boolean;
  /** Throws StatusError to refuse. Before a refusal reaches the client, it is called again with live objects. */
  answer(request: SubresourceRequest): Promise<Answer>;
}

/** The machine of a request. Throws a 404. */
export async function machineOf(request: SubresourceRequest): Promise<SlimMachine> {
  const machine = await request.objects.machine(request, request.live);
  if (!machine) throw notFound("virtualmachine", request.name);
  return machine;
}

/** The instance of a request. Throws a 404. */
export async function instanceOf(request: SubresourceRequest): Promise<SlimInstance> {
  const instance = await request.objects.instance(request, request.live);
  if (!instance) throw notFound("virtualmachineinstance", request.name);
  return instance;
}

/** A request to the node daemon for this request's instance and user. */
export function daemonRequest({ namespace, name, user }: SubresourceRequest, action: DaemonAction): DaemonRequest {
  return { namespace, name, user: user.name, action };
}
