/** Most bytes of a reason in a close frame. */
const mostReason = 123;

/** Shortens a reason to fit into a close frame, at a character boundary. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostReason) return text;
  const ellipsis = "…";
  const room = mostReason - Buffer.byteLength(ellipsis);
  let end = room;
  // Bytes of the form 10xxxxxx continue a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString("utf8", 0, end)}${ellipsis}`;
}
