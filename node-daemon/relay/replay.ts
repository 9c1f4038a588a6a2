import { withoutQueries } from "../../api/values/terminal-queries.ts";

/** Most bytes at the start of a replay in which to look for the end of a line. */
const longestLine = 4096;

/**
 * The recent output of a console for a terminal that connects now. Removes queries, which the terminal would answer as
 * if the user had typed the answer. Starts at the beginning of a line if earlier bytes are lost.
 */
export function replayOf(bytes: Buffer<ArrayBuffer>, { cut }: { cut: boolean }): Buffer<ArrayBuffer> {
  const newline = cut ? bytes.subarray(0, longestLine).indexOf(0x0a) : -1;
  return withoutQueries(bytes.subarray(newline + 1));
}
