import type { EventRecorder } from "../../api/kube/events.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";
import { eventReasons } from "../../api/status/event-reasons.ts";

/** Records events of nodes. */
export class NodeEvents {
  readonly #recorder: Pick<EventRecorder, "record">;

  constructor(recorder: Pick<EventRecorder, "record">) {
    this.#recorder = recorder;
  }

  /** The node's daemon is silent. */
  silent({ metadata = {} }: Node): void {
    this.#recorder.record(
      { apiVersion: "v1", kind: "Node", metadata },
      {
        type: "Warning",
        reason: eventReasons.nodeSilent,
        message:
          "This node gets no new machines: its node daemon sends no heartbeat. Running machines are not affected",
      },
    );
  }
}
