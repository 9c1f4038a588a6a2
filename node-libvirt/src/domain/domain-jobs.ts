import { MigrateFlags } from "../constants/migrate-flags.ts";
import { jobProcedures as remote } from "../protocol/domain-job.ts";
import type { ExplicitParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { In, Out } from "../wire/shape.ts";
import { DomainSnapshots } from "./domain-snapshots.ts";

/** The parameters of a migration, libvirt's names; bandwidth in MiB/s. */
export type MigrateParams = Exclude<
  In<typeof remote.domainMigratePerform3Params.args>["params"],
  ExplicitParams | undefined
>;

/** The one job that a domain can have at a time: migration, save, dump, backup. */
export class DomainJobs extends DomainSnapshots {
  /**
   * Migrates the domain to the libvirt at `dconnuri` (as the source host reaches it) and resolves when it runs there.
   * Peer to peer: this host's libvirtd carries it out, so it goes on if we go away; `abortJob` ends it. See
   * {@link MigrateFlags}; PEER2PEER is implied.
   */
  async migrateToURI3(
    dconnuri: string,
    params: MigrateParams = {},
    flags: number = MigrateFlags.LIVE,
    options?: CallOptions,
  ): Promise<void> {
    const args = {
      dom: this.ref,
      dconnuri,
      params,
      cookieIn: Buffer.alloc(0),
      flags: flags | MigrateFlags.PEER2PEER,
    };
    await this.connection.call(remote.domainMigratePerform3Params, args, options);
  }

  /** How long a live migration may stop the guest at its end, in milliseconds. */
  async migrateSetMaxDowntime(downtime: number | bigint, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainMigrateSetMaxDowntime, { dom: this.ref, downtime }, options);
  }

  async migrateGetMaxDowntime(options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainMigrateGetMaxDowntime, { dom: this.ref }, options)).downtime;
  }

  /** How fast a migration may be, in MiB/s; see {@link MigrateMaxSpeedFlags}. */
  async migrateSetMaxSpeed(bandwidth: number | bigint, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainMigrateSetMaxSpeed, { dom: this.ref, bandwidth, flags }, options);
  }

  async migrateGetMaxSpeed(flags = 0, options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainMigrateGetMaxSpeed, { dom: this.ref, flags }, options)).bandwidth;
  }

  /** Lets the guest run on the destination while the rest of its memory follows; needs MigrateFlags.POSTCOPY. */
  async migrateStartPostCopy(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainMigrateStartPostCopy, { dom: this.ref }, options);
  }

  /** How the job stands: times in milliseconds, sizes in bytes. */
  async getJobInfo(options?: CallOptions): Promise<Out<typeof remote.domainGetJobInfo.returns>> {
    return this.connection.call(remote.domainGetJobInfo, { dom: this.ref }, options);
  }

  /** As {@link getJobInfo}, with all that libvirt knows; see {@link DomainGetJobStatsFlags}. */
  async getJobStats(flags = 0, options?: CallOptions): Promise<Out<typeof remote.domainGetJobStats.returns>> {
    return this.connection.call(remote.domainGetJobStats, { dom: this.ref, flags }, options);
  }

  /** Ends the job; see {@link DomainAbortJobFlags}. VIR_ERR_OPERATION_INVALID if there is none. */
  async abortJob(flags = 0, options?: CallOptions): Promise<void> {
    // The older procedure for what it can do: libvirt before 8.5 has no other.
    if (flags === 0) await this.connection.call(remote.domainAbortJob, { dom: this.ref }, options);
    else await this.connection.call(remote.domainAbortJobFlags, { dom: this.ref, flags }, options);
  }

  /** Measures for so many seconds how fast the guest writes to its memory; `getAllDomainStats` has the result. */
  async startDirtyRateCalc(seconds: number, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainStartDirtyRateCalc, { dom: this.ref, seconds, flags }, options);
  }
}
