/** How an instance ended. */
export interface Ending {
  readonly phase: "Succeeded" | "Failed";
  /** A sentence for users. */
  readonly message: string;
}
