/** A close frame has room for 123 bytes of reason. */
const mostReason = 123;

/** A reason for a close frame, cut to the room there is at a character's border. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostReason) return text;
  const ellipsis = "…";
  const room = mostReason - Buffer.byteLength(ellipsis);
  let end = room;
  // 10xxxxxx continues a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString("utf8", 0, end)}${ellipsis}`;
}
