/** A check of a part of the program: its problem, or `undefined` without one. */
export type Check = () => string | undefined;

/** A part of the program that is not right, or not ready yet. */
export interface Problem {
  readonly part: string;
  readonly message: string;
}

/**
 * The state for `/healthz` and `/readyz`. A live program need not be restarted; a ready one knows the cluster and can
 * answer. A standby is ready too: it serves the API while another one leads. Both checks run at each request.
 */
export class Health {
  readonly #ofReadiness = new Map<string, Check>();
  readonly #ofLife = new Map<string, Check>();
  #leads = false;

  /** The problems that only a restart fixes. */
  get fatal(): Problem[] {
    return problemsOf(this.#ofLife);
  }

  /** The problems that make it not ready. */
  get problems(): Problem[] {
    return [...this.fatal, ...problemsOf(this.#ofReadiness)];
  }

  /** Whether this replica is the leader, which reconciles. */
  get leads(): boolean {
    return this.#leads;
  }

  set leads(leads: boolean) {
    this.#leads = leads;
  }

  /** Registers a check of a part that serving needs, and that recovers by itself. */
  addReadinessCheck(part: string, check: Check): void {
    this.#ofReadiness.set(part, check);
  }

  /** Registers a check of a part that, once it fails, only a restart fixes. */
  addLivenessCheck(part: string, check: Check): void {
    this.#ofLife.set(part, check);
  }
}

/** Problems in the form for `/healthz` and `/readyz`. */
export function problemTexts(problems: readonly Problem[]): string[] {
  return problems.map(({ part, message }) => `${part}: ${message}`);
}

function problemsOf(checks: ReadonlyMap<string, Check>): Problem[] {
  return [...checks].flatMap(([part, check]) => {
    const message = check();
    return message === undefined ? [] : [{ part, message }];
  });
}
