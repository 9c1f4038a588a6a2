import type { EventRecorder } from "../../api/kube/events.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";

/** Records events of instances. */
export class InstanceEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  podCreated(instance: SlimInstance, pod: string): void {
    this.#recorder.record(instance, {
      type: "Normal",
      reason: eventReasons.successfulCreate,
      message: `Created virtual machine pod ${pod}`,
    });
  }

  podNotCreated(instance: SlimInstance, why: string): void {
    this.#recorder.record(instance, {
      type: "Warning",
      reason: eventReasons.failedCreate,
      message: `Error creating pod: ${why}`,
    });
  }

  /** The instance's pod did not get all annotations. */
  annotationsWithheld(instance: SlimInstance, why: string): void {
    this.#recorder.record(instance, { type: "Warning", reason: eventReasons.annotationsWithheld, message: why });
  }

  /** The instance ended, and the node daemon did not report that. */
  lost(instance: SlimInstance, why: string): void {
    this.#recorder.record(instance, { type: "Warning", reason: eventReasons.stopped, message: why });
  }
}
