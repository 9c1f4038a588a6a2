import { StatusError } from "../../../api/serving/status-error.ts";
import type { SlimInstance } from "../../cache/slim-instance.ts";
import type { SlimMachine } from "../../cache/slim-machine.ts";
import { daemonRequest, type Endpoint, instanceOf } from "../endpoint.ts";
import { booleanQuery } from "../options.ts";
import { badRequest, conflict, notFound } from "../refusals.ts";

/** The serial console. `readOnly` only watches; a displaced client is told the name of the new user. */
export const serialConsole: Endpoint = {
  method: "GET",
  websocket: true,
  async answer(request) {
    const readOnly = booleanQuery(request.query, "readOnly");
    const instance = await instanceOf(request);
    if (!instance.has.serialConsole) {
      throw badRequest("No serial consoles are present.");
    }
    return {
      kind: "websocket",
      node: runningOn(instance),
      request: daemonRequest(request, { kind: "console", readOnly }),
      connection: "console",
    };
  },
};

/**
 * The output of the serial console, also of an instance that has ended. KubeVirt does not have it; there the log is a
 * container's. The API server in front allows a request for `log` to last for any time, but ends one for any other name
 * after a minute.
 */
export const log: Endpoint = {
  method: "GET",
  async answer(request) {
    const [follow, previous] = [booleanQuery(request.query, "follow"), booleanQuery(request.query, "previous")];
    const { objects, live } = request;
    const instance = await objects.instance(request, live);
    if (!instance) throw noInstance(request.name, await objects.machine(request, live));
    const node = instance.status?.nodeName;
    if (!node) throw badRequest("VMI is not running");
    return { kind: "forward", node, request: daemonRequest(request, { kind: "console-log", follow, previous }) };
  },
};

/** A run's log is on the node of its instance. A machine without an instance does not name that node. */
function noInstance(name: string, machine: SlimMachine | undefined): StatusError {
  if (!machine) return notFound("virtualmachineinstance", name);
  const { printableStatus } = machine.status ?? {};
  const why = printableStatus === undefined ? "" : `: it is ${printableStatus}`;
  return new StatusError(404, `virtualmachine "${name}" has no instance whose log could be read${why}`);
}

/** The screen, as RFB. It displaces another client; `preserveSession` refuses instead, and `shared`, ours, joins. */
export const vnc: Endpoint = {
  method: "GET",
  websocket: true,
  async answer(request) {
    const preserveSession = booleanQuery(request.query, "preserveSession");
    const shared = booleanQuery(request.query, "shared");
    const instance = await instanceOf(request);
    hasGraphics(instance);
    return {
      kind: "websocket",
      node: runningOn(instance),
      request: daemonRequest(request, { kind: "vnc", preserveSession, shared }),
      connection: "vnc",
    };
  },
};

/** The screen as a PNG. `moveCursor` wakes a screen saver. */
export const screenshot: Endpoint = {
  method: "GET",
  async answer(request) {
    const moveCursor = booleanQuery(request.query, "moveCursor");
    const instance = await instanceOf(request);
    hasGraphics(instance);
    return {
      kind: "forward",
      node: runningOn(instance),
      request: daemonRequest(request, { kind: "screenshot", moveCursor }),
    };
  },
};

function hasGraphics({ has }: SlimInstance): void {
  if (!has.graphics) throw badRequest("No graphics devices are present.");
}

/** The node of a running instance. Clients retry each second after a 400, so states that may change give a 400. */
function runningOn({ metadata, status }: SlimInstance): string {
  if (status?.phase === "Failed")
    throw conflict("virtualmachineinstance", metadata.name ?? "", "VMI is in failed status");
  if (status?.phase !== "Running" || !status.nodeName) throw badRequest("VMI is not running");
  return status.nodeName;
}
