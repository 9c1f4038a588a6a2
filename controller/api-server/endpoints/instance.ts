import { isTrue } from "../../../api/conditions.ts";
import { type Answer, daemonPath, type Endpoint, instanceOf } from "../endpoint.ts";
import { conflict } from "../status-error.ts";
import { forwardPort } from "./port-forward.ts";
import { consoleLog, screenshot, serialConsole, vnc } from "./screen.ts";

/** An action that the node daemon does on a running instance that is, or is not, paused. */
function action(name: string, { paused, otherwise }: { paused: boolean; otherwise: string }): Endpoint {
  return {
    method: "PUT",
    async answer(request): Promise<Answer> {
      const { status } = await instanceOf(request);
      const refuse = (reason: string) => conflict("virtualmachineinstance", request.name, reason);
      if (status?.phase !== "Running" || !status.nodeName) throw refuse("VMI is not running");
      if (isTrue(status.conditions, "Paused") !== paused) throw refuse(otherwise);
      if (request.dryRun) return { kind: "json", status: 200 };
      return { kind: "forward", method: "PUT", node: status.nodeName, path: daemonPath(request, name) };
    },
  };
}

/** Turns the machine off and on again, paused or not. */
const reset: Endpoint = {
  method: "PUT",
  async answer(request): Promise<Answer> {
    const { status } = await instanceOf(request);
    if (status?.phase !== "Running" || !status.nodeName) {
      throw conflict("virtualmachineinstance", request.name, "VMI is not running");
    }
    if (request.dryRun) return { kind: "json", status: 200 };
    return { kind: "forward", method: "PUT", node: status.nodeName, path: daemonPath(request, "reset") };
  },
};

/** The sub-resources of an instance. */
export const instanceEndpoints: Readonly<Record<string, Endpoint>> = {
  console: serialConsole,
  "console/log": consoleLog,
  vnc,
  "vnc/screenshot": screenshot,
  pause: action("pause", { paused: false, otherwise: "VMI is already paused" }),
  unpause: action("unpause", { paused: true, otherwise: "VMI is not paused" }),
  softreboot: action("softreboot", { paused: false, otherwise: "VMI is paused" }),
  reset,
  portforward: forwardPort(async () => "virtualmachineinstance"),
};
