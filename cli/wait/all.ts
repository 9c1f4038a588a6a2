import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { formatDuration } from "../flags/duration.ts";
import { fullName } from "../target/kind.ts";
import type { Target } from "../target/target.ts";
import { type Board } from "./board.ts";
import { withDeadline } from "./deadline.ts";
import { openBoard } from "./open-board.ts";

/** A condition to wait for, with each of several machines. */
export interface Wait {
  /** The words of the error, as in `NAME did not start`. */
  readonly not: string;
  /** Milliseconds; 0 is no limit. */
  readonly timeout: number;
  /** Waits for one machine and reports its progress. Resolves to a last message; throws Failure without success. */
  reach(target: Target, signal: AbortSignal, say: (text: string) => void): Promise<string>;
}

/**
 * Waits for all machines at the same time, and reports the progress of each. Throws Failure if one does not succeed:
 * with its reason or, if there are several machines, with the number of failures.
 */
export async function waitForAll(
  cli: Pick<Cli, "io" | "signal">,
  targets: readonly Target[],
  wait: Wait,
): Promise<void> {
  if (targets.length === 0) return;
  // Machines in different namespaces may have the same name.
  const isAlone = ({ name }: Target): boolean => targets.filter((other) => other.name === name).length === 1;
  const nameOf = (target: Target): string => (isAlone(target) ? target.name : `${target.namespace}/${target.name}`);
  const board = await openBoard(cli.io.stderr, targets.map(nameOf));
  const failures: Failure[] = [];
  try {
    await Promise.all(
      targets.map(async (target) => {
        const failure = await failureOf(cli, target, nameOf(target), wait, board);
        if (!failure) return;
        failures.push(failure);
        if (targets.length > 1) board.failed(nameOf(target), failure.message);
      }),
    );
  } finally {
    await board.close();
  }
  const [first] = failures;
  if (!first) return;
  if (targets.length > 1) throw new Failure(`${failures.length} of ${targets.length} ${wait.not}`);
  throw new Failure(`${fullName(targets[0]?.kind ?? "VirtualMachine", targets[0]?.name ?? "")} ${first.message}`);
}

/** Returns the reason of a failed wait, if it failed. */
async function failureOf(
  cli: Pick<Cli, "io" | "signal">,
  target: Target,
  name: string,
  wait: Wait,
  board: Board,
): Promise<Failure | undefined> {
  let last = "";
  const say = (text: string): void => {
    last = text;
    board.say(name, text);
  };
  const late = (): Error => new Failure(`${wait.not}: timed out after ${formatDuration(wait.timeout)}; last: ${last}`);
  try {
    const word = await withDeadline(cli.signal, wait.timeout, late, (signal) => wait.reach(target, signal, say));
    board.done(name, word);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
