/** Says how far several machines are, each by its name. */
export interface Board {
  /** Says what is going on with one. */
  say(name: string, text: string): void;
  /** One is where it was to get, with a last word that stays. */
  done(name: string, text: string): void;
  /** One will not get there. */
  failed(name: string, text: string): void;
  /** Takes away what was said of those that are underway. */
  close(): Promise<void>;
}
