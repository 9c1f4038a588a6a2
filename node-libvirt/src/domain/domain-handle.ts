import type { Caller } from "../caller.ts";
import type { DomainRef } from "../protocol/structs.ts";

/** What names a domain, and the connection to ask about it. */
export class DomainHandle implements DomainRef {
  readonly name: string;
  /** Lower-case hex in the form `8-4-4-4-12`. */
  readonly uuid: string;
  /** The number of the running domain, -1 when it was not running as this object was made. */
  readonly id: number;
  /** The connection it was got from. */
  readonly connection: Caller;

  constructor(connection: Caller, { name, uuid, id }: DomainRef) {
    this.connection = connection;
    this.name = name;
    this.uuid = uuid;
    this.id = id;
  }

  /** The domain as it names itself on the wire. */
  protected get ref(): DomainRef {
    return { name: this.name, uuid: this.uuid, id: this.id };
  }
}
