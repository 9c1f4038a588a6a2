import type { EventRecorder } from "../../api/kube/events.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";
import type { InstanceInShort } from "../cache/slim-instance.ts";
import type { MachineInShort } from "../cache/slim-machine.ts";

/** What is told of a machine. */
export class MachineEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  started(machine: MachineInShort): void {
    this.#recorder.record(machine, {
      type: "Normal",
      reason: eventReasons.successfulCreate,
      message: `Started the virtual machine by creating the new virtual machine instance ${machine.metadata.name}`,
    });
  }

  notStarted(machine: MachineInShort, why: string): void {
    this.#recorder.record(machine, {
      type: "Warning",
      reason: eventReasons.failedCreate,
      message: `Error creating virtual machine instance: ${why}`,
    });
  }

  stopped(machine: MachineInShort, { metadata: { name, uid } }: InstanceInShort): void {
    this.#recorder.record(machine, {
      type: "Normal",
      reason: eventReasons.successfulDelete,
      message: `Stopped the virtual machine by deleting the virtual machine instance ${name} with uid ${uid}`,
    });
  }

  notStopped(machine: MachineInShort, why: string): void {
    this.#recorder.record(machine, {
      type: "Warning",
      reason: eventReasons.failedDelete,
      message: `Error deleting virtual machine instance: ${why}`,
    });
  }
}
