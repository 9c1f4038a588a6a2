import { withoutQueries } from "../../api/values/terminal-queries.ts";

/** How far into the replay a line may begin. */
const longestLine = 4096;

/**
 * What a console showed lately, made fit to be shown to a terminal that was not there: without the questions in it,
 * which that terminal would answer as if it had been typed, and from the start of a line if the beginning is lost.
 */
export function replayOf(bytes: Buffer<ArrayBuffer>, { cut }: { cut: boolean }): Buffer<ArrayBuffer> {
  const newline = cut ? bytes.subarray(0, longestLine).indexOf(0x0a) : -1;
  return withoutQueries(bytes.subarray(newline + 1));
}
