/** Shows the progress of several machines, each by its name. */
export interface Board {
  /** Shows the current stage of one machine. */
  say(name: string, text: string): void;
  /** Shows a success, with a last message that stays. */
  done(name: string, text: string): void;
  /** Shows a failure. */
  failed(name: string, text: string): void;
  /** Removes the lines of machines that are still underway. */
  close(): Promise<void>;
}
