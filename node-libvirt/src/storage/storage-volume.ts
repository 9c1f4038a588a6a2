import type { Writable } from "node:stream";
import type { Caller } from "../caller.ts";
import { storageProcedures as remote } from "../protocol/storage.ts";
import { streamProcedures } from "../protocol/stream.ts";
import type { LibvirtReadable } from "../rpc/libvirt-stream.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";

interface VolumeRef {
  pool: string;
  name: string;
  key: string;
}

/** A part of a volume, in bytes. */
export interface VolumeRange {
  offset?: number | bigint;
  /** To the end by default. */
  length?: number | bigint;
  /** Passes runs of zeros as `{ hole: length }`; the stream is in object mode. */
  sparse?: boolean;
}

const sparseFlag = 1;

/** A volume of a storage pool, usually a disk image. */
export class StorageVolume {
  readonly connection: Caller;
  /** The name of its pool. */
  readonly pool: string;
  readonly name: string;
  /** Its unique key, usually its path. */
  readonly key: string;

  constructor(connection: Caller, { pool, name, key }: VolumeRef) {
    this.connection = connection;
    this.pool = pool;
    this.name = name;
    this.key = key;
  }

  /** Sizes in bytes. */
  async getInfo(options?: CallOptions): Promise<Out<typeof remote.storageVolGetInfo.returns>> {
    return this.connection.call(remote.storageVolGetInfo, { vol: this.#ref }, options);
  }

  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.storageVolGetXmlDesc, { vol: this.#ref, flags }, options)).xml;
  }

  async getPath(options?: CallOptions): Promise<string> {
    return (await this.connection.call(remote.storageVolGetPath, { vol: this.#ref }, options)).path;
  }

  /** See {@link StorageVolDeleteFlags}. */
  async delete(flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storageVolDelete, { vol: this.#ref, flags }, options);
  }

  /** Resizes to a capacity in bytes; see {@link StorageVolResizeFlags}. */
  async resize(capacity: number | bigint, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storageVolResize, { vol: this.#ref, capacity, flags }, options);
  }

  /** Overwrites the volume with zeros. */
  async wipe(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.storageVolWipe, { vol: this.#ref }, options);
  }

  /** The volume's bytes; chunks are `Buffer`, or `Buffer | Hole` if sparse. */
  async download({ sparse = false, ...range }: VolumeRange = {}, options?: CallOptions): Promise<LibvirtReadable> {
    const shape = { readable: true, writable: false, sparse };
    return (
      await this.connection.openStream(streamProcedures.storageVolDownload, this.#range(range, sparse), shape, options)
    ).stream;
  }

  /** Overwrites the volume's bytes. `finish` means that libvirt has them. Accepts `{ hole: length }` if sparse. */
  async upload({ sparse = false, ...range }: VolumeRange = {}, options?: CallOptions): Promise<Writable> {
    const shape = { readable: false, writable: true, sparse };
    return (
      await this.connection.openStream(streamProcedures.storageVolUpload, this.#range(range, sparse), shape, options)
    ).stream;
  }

  #range({ offset = 0, length = 0 }: VolumeRange, sparse: boolean) {
    return { vol: this.#ref, offset, length, flags: sparse ? sparseFlag : 0 };
  }

  get #ref(): VolumeRef {
    return { pool: this.pool, name: this.name, key: this.key };
  }
}
