/** Something about the program, and what is wrong with it; `undefined` as long as nothing is. */
export type Check = () => string | undefined;

/** A part of the program that is not, or not yet, as it should be. */
export interface Problem {
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
  get fatal(): Problem[] {
    return problemsOf(this.#ofLife);
  }

  /** What keeps it from being ready. */
  get problems(): Problem[] {
    return [...this.fatal, ...problemsOf(this.#ofReadiness)];
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

/** Problems as `/healthz` and `/readyz` show them. */
export function inWords(problems: readonly Problem[]): string[] {
  return problems.map(({ part, message }) => `${part}: ${message}`);
}

function problemsOf(checks: ReadonlyMap<string, Check>): Problem[] {
  return [...checks].flatMap(([part, check]) => {
    const message = check();
    return message === undefined ? [] : [{ part, message }];
  });
}
