/** The user and group of a machine's processes. No other machine has this user. */
export interface QemuUser {
  readonly user: number;
  /** The same number as the user, unless an image's storage admits only KubeVirt's user and group. */
  readonly group: number;
}
