/** As whom the processes of a machine run: a user that only this machine has. */
export interface QemuUser {
  readonly user: number;
  /** Of the same number, unless the storage of an image opens it to KubeVirt's user and group only. */
  readonly group: number;
}
