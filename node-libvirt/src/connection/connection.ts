import type { SecretUsageType } from "../constants/storage-flags.ts";
import { secretProcedures } from "../protocol/secret.ts";
import { storageProcedures } from "../protocol/storage.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { Secret } from "../secret.ts";
import { StoragePool } from "../storage/storage-pool.ts";
import { StorageVolume } from "../storage/storage-volume.ts";
import { ConnectionDomains } from "./connection-domains.ts";

/**
 * A connection to a libvirt, made by `connect`. The methods are libvirt's functions without `virConnect`. Each takes an
 * AbortSignal and a time limit as its last argument. The base classes of this class group them by topic.
 */
export class Connection extends ConnectionDomains {
  /** See {@link ListAllStoragePoolsFlags}. */
  async listAllStoragePools(flags = 0, options?: CallOptions): Promise<StoragePool[]> {
    const args = { needResults: 1, flags };
    const { pools } = await this.call(storageProcedures.connectListAllStoragePools, args, options);
    return pools.map((pool) => new StoragePool(this, pool));
  }

  /** Finds a pool by name. VIR_ERR_NO_STORAGE_POOL if there is none. */
  async storagePoolLookupByName(name: string, options?: CallOptions): Promise<StoragePool> {
    return new StoragePool(this, (await this.call(storageProcedures.storagePoolLookupByName, { name }, options)).pool);
  }

  /** Finds a pool by UUID. VIR_ERR_NO_STORAGE_POOL if there is none. */
  async storagePoolLookupByUUID(uuid: string, options?: CallOptions): Promise<StoragePool> {
    return new StoragePool(this, (await this.call(storageProcedures.storagePoolLookupByUuid, { uuid }, options)).pool);
  }

  async storagePoolDefineXML(xml: string, flags = 0, options?: CallOptions): Promise<StoragePool> {
    const { pool } = await this.call(storageProcedures.storagePoolDefineXml, { xml, flags }, options);
    return new StoragePool(this, pool);
  }

  /** Starts a transient pool; see {@link StoragePoolCreateFlags}. */
  async storagePoolCreateXML(xml: string, flags = 0, options?: CallOptions): Promise<StoragePool> {
    const { pool } = await this.call(storageProcedures.storagePoolCreateXml, { xml, flags }, options);
    return new StoragePool(this, pool);
  }

  /** Finds a volume by path. VIR_ERR_NO_STORAGE_VOL if no running pool has it. */
  async storageVolLookupByPath(path: string, options?: CallOptions): Promise<StorageVolume> {
    return new StorageVolume(this, (await this.call(storageProcedures.storageVolLookupByPath, { path }, options)).vol);
  }

  async listAllSecrets(flags = 0, options?: CallOptions): Promise<Secret[]> {
    const args = { needResults: 1, flags };
    const { secrets } = await this.call(secretProcedures.connectListAllSecrets, args, options);
    return secrets.map((secret) => new Secret(this, secret));
  }

  async secretDefineXML(xml: string, flags = 0, options?: CallOptions): Promise<Secret> {
    return new Secret(this, (await this.call(secretProcedures.secretDefineXml, { xml, flags }, options)).secret);
  }

  /** Finds a secret by UUID. VIR_ERR_NO_SECRET if there is none. */
  async secretLookupByUUID(uuid: string, options?: CallOptions): Promise<Secret> {
    return new Secret(this, (await this.call(secretProcedures.secretLookupByUuid, { uuid }, options)).secret);
  }

  /** Finds a secret by its usage. VIR_ERR_NO_SECRET if there is none. */
  async secretLookupByUsage(
    usageType: keyof typeof SecretUsageType,
    usageID: string,
    options?: CallOptions,
  ): Promise<Secret> {
    const { secret } = await this.call(secretProcedures.secretLookupByUsage, { usageType, usageID }, options);
    return new Secret(this, secret);
  }
}
