import {
  heartbeatPatch,
  isSchedulable,
  shutdownPatch,
  type UnschedulableReason,
} from "../../../api/contract/node-heartbeat.ts";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { nodes } from "../../../api/kube/resources/core-resources.ts";
import type { NodeApi } from "../../health/node-heartbeat.ts";

/** The API server's object of the daemon's node. */
export class KubeNode implements NodeApi {
  readonly #client: KubeClient;
  readonly #name: string;

  constructor(client: KubeClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async isOffered(signal: AbortSignal): Promise<boolean> {
    return isSchedulable(await this.#client.get(nodes, { name: this.#name }, { signal }));
  }

  async beat(unfit: UnschedulableReason | undefined, signal: AbortSignal): Promise<void> {
    await this.#patch(heartbeatPatch(new Date(), unfit), signal);
  }

  async farewell(signal: AbortSignal): Promise<void> {
    await this.#patch(shutdownPatch(), signal);
  }

  async #patch(patch: object, signal: AbortSignal): Promise<void> {
    await this.#client.mergePatch(nodes, { name: this.#name }, patch, { signal });
  }
}
