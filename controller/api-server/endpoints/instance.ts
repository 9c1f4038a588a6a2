import { deafToReboot } from "../../../api/acpi.ts";
import type { OperationAction } from "../../../api/contract/daemon-request.ts";
import type { StatusError } from "../../../api/serving/status-error.ts";
import { isTrue } from "../../../api/status/conditions.ts";
import type { SlimInstance } from "../../cache/slim-instance.ts";
import { type Answer, daemonRequest, type Endpoint, instanceOf, type SubresourceRequest } from "../endpoint.ts";
import { durationOf } from "../options.ts";
import { conflict } from "../refusals.ts";
import { forwardPort } from "./port-forward.ts";
import { log, screenshot, serialConsole, vnc } from "./screen.ts";

/** Forwards an action on a running instance to its node daemon. `fits` throws if the instance's state forbids it. */
async function forwarded(
  request: SubresourceRequest,
  operation: Omit<OperationAction, "kind">,
  fits: (instance: SlimInstance) => void = () => {},
): Promise<Answer> {
  const instance = await instanceOf(request);
  const { phase, nodeName } = instance.status ?? {};
  if (phase !== "Running" || !nodeName) throw refusal(request, "VMI is not running");
  fits(instance);
  if (request.dryRun) return { kind: "json", status: 200 };
  return { kind: "forward", node: nodeName, request: daemonRequest(request, { kind: "operation", ...operation }) };
}

const refusal = ({ name }: SubresourceRequest, reason: string): StatusError =>
  conflict("virtualmachineinstance", name, reason);

/** An action on an instance that must be, or must not be, paused. */
function action(
  operation: OperationAction["operation"],
  { paused, otherwise }: { paused: boolean; otherwise: string },
): Endpoint {
  return {
    method: "PUT",
    answer: (request) =>
      forwarded(request, { operation }, ({ status }) => {
        if (isTrue(status?.conditions, "Paused") !== paused) throw refusal(request, otherwise);
      }),
  };
}

/** Makes the guest agent freeze the file systems, for a copy of the disks. It unfreezes them after a timeout. */
const freeze: Endpoint = {
  method: "PUT",
  async answer(request): Promise<Answer> {
    const thawAfterSeconds = Math.ceil(durationOf(request.body, "unfreezeTimeout") / 1000);
    return forwarded(request, { operation: "freeze", ...(thawAfterSeconds === 0 ? {} : { thawAfterSeconds }) });
  },
};

const unfreeze: Endpoint = { method: "PUT", answer: (request) => forwarded(request, { operation: "unfreeze" }) };

/** Makes the guest reboot. */
const softReboot: Endpoint = {
  method: "PUT",
  answer: (request) =>
    forwarded(request, { operation: "softreboot" }, ({ has, status }) => {
      if (isTrue(status?.conditions, "Paused")) throw refusal(request, "VMI is paused");
      if (!has.acpi && !isTrue(status?.conditions, "AgentConnected")) throw refusal(request, deafToReboot);
    }),
};

/** Turns the machine off and on again, paused or not. */
const reset: Endpoint = { method: "PUT", answer: (request) => forwarded(request, { operation: "reset" }) };

/** The sub-resources of an instance. */
export const instanceEndpoints: Readonly<Record<string, Endpoint>> = {
  console: serialConsole,
  log,
  vnc,
  "vnc/screenshot": screenshot,
  pause: action("pause", { paused: false, otherwise: "VMI is already paused" }),
  unpause: action("unpause", { paused: true, otherwise: "VMI is not paused" }),
  softreboot: softReboot,
  reset,
  freeze,
  unfreeze,
  portforward: forwardPort(async () => "virtualmachineinstance"),
};
