/** A message about the reason why a console waits for a machine. */
export interface Waiting {
  readonly text: string;
  /** Whether a user must start the machine first. */
  readonly asks: boolean;
}

/** Remembers the messages of a wait, so that each problem appears once. */
export class ReportedProblems {
  readonly #problems = new Set<string>();
  #asked = false;

  /** Returns whether a message is new, and remembers it. */
  isNew({ text, asks }: Waiting): boolean {
    if (asks) {
      const before = this.#asked;
      this.#asked = true;
      // After the next start, the user wants to see its problems again.
      this.#problems.clear();
      return !before;
    }
    this.#asked = false;
    // The kubelet alternates between these two reasons as long as it cannot pull the image.
    const problem = text.replace(/\b(ErrImagePull|ImagePullBackOff)\b/, "image");
    const isNew = !this.#problems.has(problem);
    this.#problems.add(problem);
    return isNew;
  }
}
