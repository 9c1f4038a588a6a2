/** How far into the replay a line may begin. */
const longestLine = 4096;

const escape = "\u001b";
const csi = `${escape}\\[`;

/**
 * What makes a terminal answer: status and cursor reports (n), device attributes (c, Z), terminal parameters (x), mode
 * queries ($p), window reports (t), colour and clipboard queries (OSC … ?), and DCS requests.
 */
const queries = new RegExp(
  [
    `${csi}[?>=]?[0-9;]*[nc]`,
    `${escape}Z`,
    `${csi}[01]?x`,
    `${csi}\\??[0-9;]*\\$p`,
    `${csi}(?:1[1345689]|2[01])(?:;[0-9]*)*t`,
    `${csi}>[0-9]*q`,
    `${escape}\\](?:4|5|1[0-9]|52);[^\\u0007${escape}]*\\?(?:\\u0007|${escape}\\\\)`,
    `${escape}P[+$]q[^${escape}]*${escape}\\\\`,
    "\\u0005",
  ].join("|"),
  "g",
);

/**
 * What a console showed lately, made fit to be shown to a terminal that was not there: without the questions in it,
 * which that terminal would answer as if it had been typed, and from the start of a line if the beginning is lost.
 */
export function replayOf(bytes: Buffer<ArrayBuffer>, { cut }: { cut: boolean }): Buffer<ArrayBuffer> {
  const newline = cut ? bytes.subarray(0, longestLine).indexOf(0x0a) : -1;
  // latin1 keeps every byte as it is.
  const text = bytes.toString("latin1", newline + 1);
  const clean = text.replace(queries, "");
  return clean.length === text.length ? bytes.subarray(newline + 1) : Buffer.from(clean, "latin1");
}
