const escape = "\u001b";
const csi = `${escape}\\[`;

/**
 * The sequences that make a terminal answer: status and cursor reports (n), device attributes (c, Z), terminal
 * parameters (x), mode queries ($p), window reports (t), colour and clipboard queries (OSC … ?), and DCS requests.
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

/** The bytes without the sequences that make a terminal answer. */
export function withoutQueries(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  // latin1 keeps every byte as it is.
  const text = bytes.toString("latin1");
  const clean = text.replace(queries, "");
  return clean.length === text.length ? bytes : Buffer.from(clean, "latin1");
}
