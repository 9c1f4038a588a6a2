import type { Answer, Endpoint, SubresourceRequest } from "../endpoint.ts";
import { machineOf } from "../endpoint.ts";
import { type MachineChange, restartChange, startChange, stopChange } from "../machine-change.ts";
import { booleanOf, secondsOf } from "../options.ts";
import { badRequest, notFound } from "../refusals.ts";
import { forwardPort } from "./port-forward.ts";

const start: Endpoint = {
  method: "PUT",
  async answer(request) {
    const paused = booleanOf(request.body, "paused");
    const [machine, instance] = await pair(request);
    return changed(request, startChange(machine, instance, { paused }));
  },
};

const stop: Endpoint = {
  method: "PUT",
  async answer(request) {
    const gracePeriod = secondsOf(request.body, "gracePeriod");
    const [machine, instance] = await pair(request);
    return changed(request, stopChange(machine, instance, gracePeriod));
  },
};

const restart: Endpoint = {
  method: "PUT",
  async answer(request) {
    const gracePeriod = secondsOf(request.body, "gracePeriodSeconds");
    const [machine, instance] = await pair(request);
    return changed(request, restartChange(machine, instance, gracePeriod));
  },
};

/** The machine with everything written out. There are no instance types here, so it is the machine itself. */
const expandSpec: Endpoint = {
  method: "GET",
  async answer(request) {
    return request.objects.wholeMachine(request, request.live, (machine) => {
      if (!machine) throw notFound("virtualmachine", request.name);
      for (const field of ["instancetype", "preference"] as const) {
        if (machine.spec[field]) throw badRequest(`spec.${field}: not supported`);
      }
      const full = { ...machine, apiVersion: "kubevirt.io/v1", kind: "VirtualMachine" };
      return { kind: "json", status: 200, text: JSON.stringify(full) };
    });
  },
};

/** The sub-resources of a machine. */
export const machineEndpoints: Readonly<Record<string, Endpoint>> = {
  start,
  stop,
  restart,
  "expand-spec": expandSpec,
  portforward: forwardPort(async (request) => {
    await machineOf(request);
    return "virtualmachine";
  }),
};

async function pair(request: SubresourceRequest) {
  const machine = await machineOf(request);
  return [machine, await request.objects.instance(request, request.live)] as const;
}

async function changed(request: SubresourceRequest, change: MachineChange): Promise<Answer> {
  await request.machines.change(request, change, request.dryRun);
  return { kind: "json", status: 202 };
}
