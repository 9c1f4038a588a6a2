/** Control characters as people write them, `^]`: the letter that is typed with Ctrl, or `none`. */
export function parseEscape(text: string): number | undefined | "invalid" {
  if (text === "none") return undefined;
  const letter = /^(?:\^|ctrl[-+])?([@-_a-z])$/i.exec(text)?.[1];
  // A plain letter is typed too often to end anything.
  if (letter === undefined || !/^(\^|ctrl)/i.test(text)) return "invalid";
  return letter.toUpperCase().charCodeAt(0) & 0x1f;
}

/** How a control character is written. */
export function escapeName(byte: number): string {
  return `^${String.fromCharCode(byte | 0x40)}`;
}

/** What of an input comes before the escape character, and whether it is there. */
export function splitAtEscape(input: Buffer, escape: number | undefined): { before: Buffer; escaped: boolean } {
  const at = escape === undefined ? -1 : input.indexOf(escape);
  return at < 0 ? { before: input, escaped: false } : { before: input.subarray(0, at), escaped: true };
}
