/** Something about the program, and what is wrong with it; `undefined` as long as nothing is. */
export type Check = () => string | undefined;

/** A part of the program that is not, or not yet, as it should be. */
export interface Ailment {
  readonly part: string;
  readonly message: string;
}

/**
 * What `/healthz` and `/readyz` say. Live is a program that need not be restarted; ready is one that knows the cluster
 * and can answer. A standby is ready too: it serves the API while another one leads. Both are looked at when asked for.
 */
export class Health {
  readonly #ofReadiness = new Map<string, Check>();
  readonly #ofLife = new Map<string, Check>();
  #leads = false;

  /** What only a restart mends. */
  get fatal(): Ailment[] {
    return ailmentsOf(this.#ofLife);
  }

  /** What keeps it from being ready. */
  get ailments(): Ailment[] {
    return [...this.fatal, ...ailmentsOf(this.#ofReadiness)];
  }

  /** Whether it is the one that reconciles. */
  get leads(): boolean {
    return this.#leads;
  }

  set leads(leads: boolean) {
    this.#leads = leads;
  }

  /** A part that it needs in order to serve, and that comes back by itself. */
  needs(part: string, check: Check): void {
    this.#ofReadiness.set(part, check);
  }

  /** A part that, once it fails, only a restart mends. */
  standsOn(part: string, check: Check): void {
    this.#ofLife.set(part, check);
  }
}

/** Ailments as `/healthz` and `/readyz` show them. */
export function inWords(ailments: readonly Ailment[]): string[] {
  return ailments.map(({ part, message }) => `${part}: ${message}`);
}

function ailmentsOf(checks: ReadonlyMap<string, Check>): Ailment[] {
  return [...checks].flatMap(([part, check]) => {
    const message = check();
    return message === undefined ? [] : [{ part, message }];
  });
}
