/** Ends a command without success; the program prints the message after `error: `. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** The command's usual code for a failure if absent. */
  readonly exitCode: number | undefined;

  constructor(message: string, { exitCode, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** Ends a command at once without a message: it has printed everything, or the user interrupted it. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`ended with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
