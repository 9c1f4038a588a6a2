import type { EventRecorder } from "../../api/kube/events.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";

/** Records events of machines. */
export class MachineEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  started(machine: SlimMachine): void {
    this.#recorder.record(machine, {
      type: "Normal",
      reason: eventReasons.successfulCreate,
      message: `Started the virtual machine by creating the new virtual machine instance ${machine.metadata.name}`,
    });
  }

  notStarted(machine: SlimMachine, why: string): void {
    this.#recorder.record(machine, {
      type: "Warning",
      reason: eventReasons.failedCreate,
      message: `Error creating virtual machine instance: ${why}`,
    });
  }

  stopped(machine: SlimMachine, { metadata: { name, uid } }: SlimInstance): void {
    this.#recorder.record(machine, {
      type: "Normal",
      reason: eventReasons.successfulDelete,
      message: `Stopped the virtual machine by deleting the virtual machine instance ${name} with uid ${uid}`,
    });
  }

  notStopped(machine: SlimMachine, why: string): void {
    this.#recorder.record(machine, {
      type: "Warning",
      reason: eventReasons.failedDelete,
      message: `Error deleting virtual machine instance: ${why}`,
    });
  }
}
