import type { Caller } from "./caller.ts";
import { secretProcedures as remote } from "./protocol/secret.ts";
import type { secret } from "./protocol/structs.ts";
import type { CallOptions } from "./rpc/pending-calls.ts";
import type { Out } from "./wire/shape.ts";

type SecretRef = Out<typeof secret>;

/** A secret stored by libvirt: the passphrase of a disk, the key of a storage. */
export class Secret {
  readonly connection: Caller;
  readonly uuid: string;
  /** The purpose of the secret. */
  readonly usageType: SecretRef["usageType"];
  readonly usageID: string;

  constructor(connection: Caller, { uuid, usageType, usageID }: SecretRef) {
    this.connection = connection;
    this.uuid = uuid;
    this.usageType = usageType;
    this.usageID = usageID;
  }

  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.secretGetXmlDesc, { secret: this.#ref, flags }, options)).xml;
  }

  async setValue(value: Uint8Array, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.secretSetValue, { secret: this.#ref, value }, options);
  }

  /** The value. VIR_ERR_INVALID_SECRET if the secret is private, VIR_ERR_NO_SECRET if it has no value. */
  async getValue(options?: CallOptions): Promise<Buffer> {
    return (await this.connection.call(remote.secretGetValue, { secret: this.#ref }, options)).value;
  }

  async undefine(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.secretUndefine, { secret: this.#ref }, options);
  }

  get #ref(): SecretRef {
    return { uuid: this.uuid, usageType: this.usageType, usageID: this.usageID };
  }
}
