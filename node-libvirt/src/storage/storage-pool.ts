import type { Caller } from "../caller.ts";
import { storageProcedures as remote } from "../protocol/storage.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";
import { StorageVolume } from "./storage-volume.ts";

interface PoolRef {
  name: string;
  uuid: string;
}

/** A storage pool: a folder, a volume group, … */
export class StoragePool {
  readonly connection: Caller;
  readonly name: string;
  readonly uuid: string;

  constructor(connection: Caller, { name, uuid }: PoolRef) {
    this.connection = connection;
    this.name = name;
    this.uuid = uuid;
  }

  /** Starts the pool; see {@link StoragePoolCreateFlags}. */
  async create(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storagePoolCreate, { pool: this.#ref, flags }, options);
  }

  /** Makes the storage behind the pool, such as its folder; see {@link StoragePoolBuildFlags}. */
  async build(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storagePoolBuild, { pool: this.#ref, flags }, options);
  }

  /** Stops the pool; its data stays. */
  async destroy(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storagePoolDestroy, { pool: this.#ref }, options);
  }

  /** Deletes the storage behind the pool, which must be empty; see {@link StoragePoolDeleteFlags}. */
  async delete(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storagePoolDelete, { pool: this.#ref, flags }, options);
  }

  async undefine(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storagePoolUndefine, { pool: this.#ref }, options);
  }

  /** Finds volumes that other programs have added or removed. */
  async refresh(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storagePoolRefresh, { pool: this.#ref }, options);
  }

  /** Sizes in bytes. */
  async getInfo(options?: CallOptions): Promise<Out<typeof remote.storagePoolGetInfo.returns>> {
    return this.connection.call(remote.storagePoolGetInfo, { pool: this.#ref }, options);
  }

  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.storagePoolGetXmlDesc, { pool: this.#ref, flags }, options)).xml;
  }

  async isActive(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.storagePoolIsActive, { pool: this.#ref }, options)).active === 1;
  }

  async isPersistent(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.storagePoolIsPersistent, { pool: this.#ref }, options)).persistent === 1;
  }

  async getAutostart(options?: CallOptions): Promise<boolean> {
    return (await this.connection.call(remote.storagePoolGetAutostart, { pool: this.#ref }, options)).autostart === 1;
  }

  async setAutostart(autostart: boolean, options?: CallOptions): Promise<void> {
    const args = { pool: this.#ref, autostart: autostart ? 1 : 0 };
    await this.connection.call(remote.storagePoolSetAutostart, args, options);
  }

  async listAllVolumes(options?: CallOptions): Promise<StorageVolume[]> {
    const args = { pool: this.#ref, needResults: 1 };
    const { volumes } = await this.connection.call(remote.storagePoolListAllVolumes, args, options);
    return volumes.map((vol) => new StorageVolume(this.connection, vol));
  }

  /** Finds a volume by name. VIR_ERR_NO_STORAGE_VOL if there is none. */
  async lookupVolumeByName(name: string, options?: CallOptions): Promise<StorageVolume> {
    const { vol } = await this.connection.call(remote.storageVolLookupByName, { pool: this.#ref, name }, options);
    return new StorageVolume(this.connection, vol);
  }

  /** See {@link StorageVolCreateFlags}. */
  async createVolumeXML(xml: string, flags = 0, options?: CallOptions): Promise<StorageVolume> {
    const { vol } = await this.connection.call(remote.storageVolCreateXml, { pool: this.#ref, xml, flags }, options);
    return new StorageVolume(this.connection, vol);
  }

  get #ref(): PoolRef {
    return { name: this.name, uuid: this.uuid };
  }
}
