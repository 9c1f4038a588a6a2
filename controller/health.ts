/** A part of the program that is not, or not yet, as it should be. */
export interface Ailment {
  readonly part: string;
  readonly message: string;
}

/**
 * What `/healthz` and `/readyz` say. Live is a program that need not be restarted; ready is one that knows the cluster
 * and can answer. A standby is ready too: it serves the API while another one leads.
 */
export class Health {
  readonly #ailments = new Map<string, string>();
  #fatal: string | undefined;
  #leads = false;

  /** Whether it need not be restarted. */
  get isLive(): boolean {
    return this.#fatal === undefined;
  }

  /** Whether it can serve. */
  get isReady(): boolean {
    return this.isLive && this.#ailments.size === 0;
  }

  /** Whether it is the one that reconciles. */
  get leads(): boolean {
    return this.#leads;
  }

  set leads(leads: boolean) {
    this.#leads = leads;
  }

  /** What keeps it from being ready. */
  get ailments(): Ailment[] {
    const parts = [...this.#ailments].map(([part, message]) => ({ part, message }));
    return this.#fatal === undefined ? parts : [{ part: "program", message: this.#fatal }, ...parts];
  }

  /** The names of the parts that keep it from being ready, as `/readyz` lists them. */
  get unready(): string[] {
    return this.ailments.map(({ part }) => part);
  }

  /** A part does not do what it should, for now. */
  ails(part: string, message: string): void {
    this.#ailments.set(part, message);
  }

  /** A part is well. */
  isWell(part: string): void {
    this.#ailments.delete(part);
  }

  /** Only a restart helps. */
  fail(message: string): void {
    this.#fatal = message;
  }
}
