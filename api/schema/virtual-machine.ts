import { z } from "zod";
import { group } from "../group.ts";
import { printableStatuses, runStrategies } from "../status/virtual-machine-states.ts";
import { condition } from "./condition.ts";
import { boolean, choice, integer, list, listBy, object, opaque, report, text, time } from "./field.ts";
import { instanceSpec } from "./instance-spec.ts";
import { machineMeta, templateMeta } from "./metadata.ts";
import { exactlyOne } from "./rule.ts";

const virtualMachineSpec = object(
  {
    runStrategy: choice(runStrategies, "When there is to be an instance.").optional(),
    running: boolean("The older form: true is Always, false is Halted.").optional(),
    template: object({ metadata: templateMeta.optional(), spec: instanceSpec }, "The instance that is made."),
    instancetype: opaque.object("The instance type that gives CPUs and memory.").optional(),
    preference: opaque.object("The preference that gives defaults.").optional(),
    dataVolumeTemplates: opaque.list("DataVolumes that are made for it.").optional(),
    updateVolumesStrategy: opaque.text("What happens when the volumes change.").optional(),
  },
  "What the machine is and when it runs.",
  {
    constraints: [
      exactlyOne(["running", "runStrategy"], "exactly one of runStrategy, running is needed", {
        fieldPath: ".runStrategy",
      }),
    ],
  },
);
export type VirtualMachineSpec = z.infer<typeof virtualMachineSpec>;

const stateChangeRequest = report(
  {
    action: choice(["Start", "Stop"], "What is asked for."),
    uid: text("The instance that it is about.").optional(),
    data: z.record(z.string(), z.string()).describe("What goes with it.").optional(),
  },
  "A request to start or stop.",
);
export type StateChangeRequest = z.infer<typeof stateChangeRequest>;

const virtualMachineStatus = report(
  {
    printableStatus: choice(printableStatuses, "How it is, in one word.").optional(),
    created: boolean("Whether there is an instance.").optional(),
    ready: boolean("Whether the instance is ready.").optional(),
    conditions: listBy("type", condition, "The conditions.").optional(),
    stateChangeRequests: list(stateChangeRequest, "Requests to start or stop that are not done yet.").optional(),
    volumeRequests: list(z.looseObject({}), "Requests to plug volumes in or out that are not done yet.").optional(),
    volumeSnapshotStatuses: list(
      report(
        {
          name: text("The volume's name."),
          enabled: boolean("Whether it can."),
          reason: text("Why not.").optional(),
        },
        "A volume.",
      ),
      "Whether snapshots can be taken of the volumes.",
      256,
    ).optional(),
    startFailure: report(
      {
        consecutiveFailCount: integer("How often in a row.").optional(),
        lastFailedVMIUID: text("The last instance that failed.").optional(),
        retryAfterTimestamp: time("When it is tried again.").nullable().optional(),
      },
      "Starts that failed.",
    ).optional(),
    observedGeneration: integer("The generation that this is about.").optional(),
    desiredGeneration: integer("The generation that is asked for.").optional(),
    runStrategy: choice(runStrategies, "The run strategy that is in force.").optional(),
  },
  "How the machine is.",
);
export type VirtualMachineStatus = z.infer<typeof virtualMachineStatus>;

/** A machine that can be started and stopped. */
export const virtualMachine = object(
  {
    apiVersion: z.literal(group.apiVersion),
    kind: z.literal("VirtualMachine"),
    metadata: machineMeta,
    spec: virtualMachineSpec,
    status: virtualMachineStatus.optional(),
  },
  "A virtual machine that can be started and stopped.",
);
export type VirtualMachine = z.infer<typeof virtualMachine>;
