import type { Caller } from "../caller.ts";
import { snapshotProcedures as remote } from "../protocol/domain-snapshot.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";

interface CheckpointRef {
  name: string;
  dom: DomainRef;
}

/** A point in time since which a domain's disks track their changed blocks. An incremental backup starts from it. */
export class DomainCheckpoint {
  readonly connection: Caller;
  readonly name: string;
  /** The checkpoint's domain. */
  readonly dom: DomainRef;

  constructor(connection: Caller, { name, dom }: CheckpointRef) {
    this.connection = connection;
    this.name = name;
    this.dom = dom;
  }

  /** See {@link CheckpointXMLFlags}. */
  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    const args = { checkpoint: this.#ref, flags };
    return (await this.connection.call(remote.domainCheckpointGetXmlDesc, args, options)).xml;
  }

  /** See {@link CheckpointDeleteFlags}. */
  async delete(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainCheckpointDelete, { checkpoint: this.#ref, flags }, options);
  }

  /** The previous checkpoint. VIR_ERR_NO_DOMAIN_CHECKPOINT if there is none. */
  async getParent(options?: CallOptions): Promise<DomainCheckpoint> {
    const { checkpoint } = await this.connection.call(
      remote.domainCheckpointGetParent,
      { checkpoint: this.#ref },
      options,
    );
    return new DomainCheckpoint(this.connection, checkpoint);
  }

  /** The later checkpoints; see {@link CheckpointListFlags}. */
  async listAllChildren(flags = 0, options?: CallOptions): Promise<DomainCheckpoint[]> {
    const args = { checkpoint: this.#ref, needResults: 1, flags };
    const { checkpoints } = await this.connection.call(remote.domainCheckpointListAllChildren, args, options);
    return checkpoints.map((checkpoint) => new DomainCheckpoint(this.connection, checkpoint));
  }

  get #ref(): CheckpointRef {
    return { name: this.name, dom: this.dom };
  }
}
