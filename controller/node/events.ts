import { eventReasons } from "../../api/event-reasons.ts";
import type { Node } from "../../api/kube/core-resources.ts";
import type { EventRecorder } from "../../api/kube/events.ts";

/** What is told of a node. */
export class NodeEvents {
  readonly #recorder: Pick<EventRecorder, "record">;

  constructor(recorder: Pick<EventRecorder, "record">) {
    this.#recorder = recorder;
  }

  /** Nothing is heard of its daemon. */
  silent({ metadata = {} }: Node): void {
    this.#recorder.record(
      { apiVersion: "v1", kind: "Node", metadata },
      {
        type: "Warning",
        reason: eventReasons.nodeSilent,
        message: "No machine is placed here: the node daemon is not heard of. What runs here is left alone",
      },
    );
  }
}
