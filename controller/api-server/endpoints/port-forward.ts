import { isTrue } from "../../../api/status/conditions.ts";
import { daemonRequest, type Endpoint, type SubresourceRequest } from "../endpoint.ts";
import { badRequest, conflict, notFound, type Subject } from "../refusals.ts";

/** `portforward/PORT[/PROTOCOL]`. `subjectOf` returns the object's kind, and throws if the object does not exist. */
export function forwardPort(subjectOf: (request: SubresourceRequest) => Promise<Subject>): Endpoint {
  return {
    method: "GET",
    rest: { min: 1, max: 2 },
    websocket: true,
    async answer(request) {
      const [port = "", protocol = "tcp"] = request.rest;
      if (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
        throw badRequest(`port "${port}" is not a number from 1 to 65535`);
      }
      if (protocol !== "tcp" && protocol !== "udp") {
        throw badRequest(`protocol "${protocol}" is not supported; use tcp or udp`);
      }
      const subject = await subjectOf(request);
      const { name } = request;
      const instance = await request.objects.instance(request, request.live);
      if (!instance) {
        throw subject === "virtualmachine" ? conflict(subject, name, "VM is not started") : notFound(subject, name);
      }
      const { phase, nodeName, conditions } = instance.status ?? {};
      if (phase !== "Running" || !nodeName) throw conflict(subject, name, "VMI is not running");
      if (isTrue(conditions, "Paused")) throw conflict(subject, name, "VMI is paused");
      if (!instance.has.interfaces) throw badRequest("no network interfaces are present");
      const forwarded = daemonRequest(request, { kind: "port-forward", port: Number(port), protocol });
      return { kind: "websocket", node: nodeName, request: forwarded, connection: "portforward" };
    },
  };
}
