import { blockProcedures as remote } from "../protocol/domain-block.ts";
import type { ExplicitParams, TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { In, Out } from "../wire/shape.ts";
import { DomainResources } from "./domain-resources.ts";

type Returns<K extends keyof typeof remote> = Out<(typeof remote)[K]["returns"]>;

/** The progress of a block job: `cur` of `end` is done. */
export type BlockJobInfo = Omit<Returns<"domainGetBlockJobInfo">, "found">;
/** The parameters of `blockCopy`: bandwidth in bytes/s, granularity and buf-size in bytes. */
export type BlockCopyParams = Exclude<In<typeof remote.domainBlockCopy.args>["params"], ExplicitParams | undefined>;
/** The limits of a disk in bytes/s and requests/s, with libvirt's names. */
export type BlockIoTune = Exclude<In<typeof remote.domainSetBlockIoTune.args>["params"], ExplicitParams | undefined>;

/** A domain's disks. A disk's name is its target (`vda`) or its file. */
export class DomainBlocks extends DomainResources {
  /** Sizes in bytes: as seen by the guest (capacity), used on the host (allocation), of the file (physical). */
  async getBlockInfo(disk: string, flags = 0, options?: CallOptions): Promise<Returns<"domainGetBlockInfo">> {
    return this.connection.call(remote.domainGetBlockInfo, { dom: this.ref, path: disk, flags }, options);
  }

  /** Requests and bytes read and written. */
  async blockStats(disk: string, options?: CallOptions): Promise<Returns<"domainBlockStats">> {
    return this.connection.call(remote.domainBlockStats, { dom: this.ref, path: disk }, options);
  }

  /** Like {@link blockStats}, with all counters of the hypervisor: `flush_operations`, `rd_total_times`, … */
  async blockStatsFlags(disk: string, options?: CallOptions): Promise<TypedParams> {
    const args = { dom: this.ref, path: disk };
    const { nparams } = await this.connection.call(remote.domainBlockStatsFlags, { ...args, nparams: 0 }, options);
    return (await this.connection.call(remote.domainBlockStatsFlags, { ...args, nparams }, options)).params;
  }

  /** Resizes a disk; the size is in KiB unless {@link BlockResizeFlags}.BYTES is set. */
  async blockResize(disk: string, size: number | bigint, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainBlockResize, { dom: this.ref, path: disk, size, flags }, options);
  }

  /**
   * Mirrors a disk to the one in the XML. When its block job is READY, `blockJobAbort` with PIVOT moves the domain
   * there. See {@link BlockCopyFlags}.
   */
  async blockCopy(
    disk: string,
    destxml: string,
    params: BlockCopyParams = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await this.connection.call(remote.domainBlockCopy, { dom: this.ref, path: disk, destxml, params, flags }, options);
  }

  /** Moves data from `top` (by default, the active layer) down into `base`; see {@link BlockCommitFlags}. */
  async blockCommit(
    disk: string,
    { base, top, bandwidth = 0 }: { base?: string; top?: string; bandwidth?: number | bigint } = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this.ref, path: disk, base, top, bandwidth, flags };
    await this.connection.call(remote.domainBlockCommit, args, options);
  }

  /** Pulls the data of all backing files up into the disk; see {@link BlockPullFlags}. */
  async blockPull(disk: string, bandwidth: number | bigint = 0, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainBlockPull, { dom: this.ref, path: disk, bandwidth, flags }, options);
  }

  /** Like {@link blockPull}, down to `base` only; see {@link BlockRebaseFlags}. */
  async blockRebase(
    disk: string,
    { base, bandwidth = 0 }: { base?: string; bandwidth?: number | bigint } = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    await this.connection.call(
      remote.domainBlockRebase,
      { dom: this.ref, path: disk, base, bandwidth, flags },
      options,
    );
  }

  /** The block job of a disk; undefined if there is none. */
  async getBlockJobInfo(disk: string, flags = 0, options?: CallOptions): Promise<BlockJobInfo | undefined> {
    const args = { dom: this.ref, path: disk, flags };
    const { found, ...info } = await this.connection.call(remote.domainGetBlockJobInfo, args, options);
    return found ? info : undefined;
  }

  /** Ends a block job; see {@link BlockJobAbortFlags}. */
  async blockJobAbort(disk: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainBlockJobAbort, { dom: this.ref, path: disk, flags }, options);
  }

  /** Limits a block job's speed: MiB/s unless {@link BlockJobSetSpeedFlags}.BANDWIDTH_BYTES is set. */
  async blockJobSetSpeed(disk: string, bandwidth: number | bigint, flags = 0, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, path: disk, bandwidth, flags };
    await this.connection.call(remote.domainBlockJobSetSpeed, args, options);
  }

  /** Sets the limits of a disk. */
  async setBlockIoTune(disk: string, params: BlockIoTune, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetBlockIoTune, { dom: this.ref, path: disk, params, flags }, options);
  }

  async getBlockIoTune(disk: string, flags = 0, options?: CallOptions): Promise<TypedParams> {
    const args = { dom: this.ref, path: disk, flags };
    const { nparams } = await this.connection.call(remote.domainGetBlockIoTune, { ...args, nparams: 0 }, options);
    return (await this.connection.call(remote.domainGetBlockIoTune, { ...args, nparams }, options)).params;
  }

  /** The disks with errors. */
  async getDiskErrors(options?: CallOptions): Promise<Returns<"domainGetDiskErrors">["errors"]> {
    const args = { dom: this.ref, maxErrors: 256 };
    return (await this.connection.call(remote.domainGetDiskErrors, args, options)).errors;
  }

  /** Requests one `blockThreshold` event when more than `threshold` bytes of the disk have been written. */
  async setBlockThreshold(disk: string, threshold: number | bigint, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetBlockThreshold, { dom: this.ref, dev: disk, threshold }, options);
  }
}
