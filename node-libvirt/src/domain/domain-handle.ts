import type { Caller } from "../caller.ts";
import type { DomainRef } from "../protocol/structs.ts";

/** The identity of a domain, and the connection for calls about it. */
export class DomainHandle implements DomainRef {
  readonly name: string;
  /** Lower-case hex in the form `8-4-4-4-12`. */
  readonly uuid: string;
  /** The number of the running domain; -1 if it was not running when this object was made. */
  readonly id: number;
  /** The connection that the domain comes from. */
  readonly connection: Caller;

  constructor(connection: Caller, { name, uuid, id }: DomainRef) {
    this.connection = connection;
    this.name = name;
    this.uuid = uuid;
    this.id = id;
  }

  /** The domain's identity on the wire. */
  protected get ref(): DomainRef {
    return { name: this.name, uuid: this.uuid, id: this.id };
  }
}
