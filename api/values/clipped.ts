/**
 * The first characters of a text. The result is a copy: V8's substring keeps the whole text in memory, and clipped
 * texts live long.
 */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${Buffer.from(text.slice(0, most - 1)).toString("utf8")}…`;
}
