/** What a machine that does not run is waited for with. */
export interface Waiting {
  readonly text: string;
  /** Whether somebody has to start the machine before anything changes. */
  readonly asks: boolean;
}

/** Remembers what a wait has told, so that it tells each problem once. */
export class ReportedProblems {
  readonly #problems = new Set<string>();
  #asked = false;

  /** Whether something is to be told, as it then counts to have been. */
  isNew({ text, asks }: Waiting): boolean {
    if (asks) {
      const before = this.#asked;
      this.#asked = true;
      // Whoever starts it now wants to know what becomes of that.
      this.#problems.clear();
      return !before;
    }
    this.#asked = false;
    // The kubelet goes from one to the other and back for as long as the image can't be had.
    const problem = text.replace(/\b(ErrImagePull|ImagePullBackOff)\b/, "image");
    const isNew = !this.#problems.has(problem);
    this.#problems.add(problem);
    return isNew;
  }
}
