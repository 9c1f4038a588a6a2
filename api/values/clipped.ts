/**
 * A text's first characters. It is a copy: V8's part of a text keeps all of that text in memory, and what is clipped is
 * kept for long.
 */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${Buffer.from(text.slice(0, most - 1)).toString("utf8")}…`;
}
