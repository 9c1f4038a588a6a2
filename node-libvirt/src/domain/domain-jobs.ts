import { MigrateFlags } from "../constants/migrate-flags.ts";
import { jobProcedures as remote } from "../protocol/domain-job.ts";
import type { ExplicitParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { In, Out } from "../wire/shape.ts";
import { DomainSnapshots } from "./domain-snapshots.ts";

/** The parameters of a migration, with libvirt's names; bandwidth in MiB/s. */
export type MigrateParams = Exclude<
  In<typeof remote.domainMigratePerform3Params.args>["params"],
  ExplicitParams | undefined
>;

/** The job of a domain, which can have only one at a time: migration, save, dump, backup. */
export class DomainJobs extends DomainSnapshots {
  /**
   * Migrates the domain to the libvirt at `dconnuri` (as seen from the source host). Resolves when the domain runs
   * there. The migration is peer to peer: this host's libvirtd performs it, so it continues without this client;
   * `abortJob` ends it. See {@link MigrateFlags}; PEER2PEER is implied.
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

  /** Sets the maximum pause of the guest at the end of a live migration, in milliseconds. */
  async migrateSetMaxDowntime(downtime: number | bigint, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainMigrateSetMaxDowntime, { dom: this.ref, downtime }, options);
  }

  async migrateGetMaxDowntime(options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainMigrateGetMaxDowntime, { dom: this.ref }, options)).downtime;
  }

  /** Sets the maximum speed of a migration, in MiB/s; see {@link MigrateMaxSpeedFlags}. */
  async migrateSetMaxSpeed(bandwidth: number | bigint, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainMigrateSetMaxSpeed, { dom: this.ref, bandwidth, flags }, options);
  }

  async migrateGetMaxSpeed(flags = 0, options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainMigrateGetMaxSpeed, { dom: this.ref, flags }, options)).bandwidth;
  }

  /** Runs the guest on the destination while the rest of its memory follows. Needs MigrateFlags.POSTCOPY. */
  async migrateStartPostCopy(options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainMigrateStartPostCopy, { dom: this.ref }, options);
  }

  /** The progress of the job: times in milliseconds, sizes in bytes. */
  async getJobInfo(options?: CallOptions): Promise<Out<typeof remote.domainGetJobInfo.returns>> {
    return this.connection.call(remote.domainGetJobInfo, { dom: this.ref }, options);
  }

  /** Like {@link getJobInfo}, with everything that libvirt knows; see {@link DomainGetJobStatsFlags}. */
  async getJobStats(flags = 0, options?: CallOptions): Promise<Out<typeof remote.domainGetJobStats.returns>> {
    return this.connection.call(remote.domainGetJobStats, { dom: this.ref, flags }, options);
  }

  /** Ends the job; see {@link DomainAbortJobFlags}. VIR_ERR_OPERATION_INVALID if there is none. */
  async abortJob(flags = 0, options?: CallOptions): Promise<void> {
    // The older procedure where possible: libvirt before 8.5 has no other.
    if (flags === 0) await this.connection.call(remote.domainAbortJob, { dom: this.ref }, options);
    else await this.connection.call(remote.domainAbortJobFlags, { dom: this.ref, flags }, options);
  }

  /** Measures for `seconds` how fast the guest writes to its memory; `getAllDomainStats` returns the result. */
  async startDirtyRateCalc(seconds: number, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainStartDirtyRateCalc, { dom: this.ref, seconds, flags }, options);
  }
}
