/** Parses a control character as people write it: `^]`, `ctrl-a`, or `none`. */
export function parseEscape(text: string): number | undefined | "invalid" {
  if (text === "none") return undefined;
  const letter = /^(?:\^|ctrl[-+])?([@-_a-z])$/i.exec(text)?.[1];
  // Users type plain letters too often for an escape character.
  if (letter === undefined || !/^(\^|ctrl)/i.test(text)) return "invalid";
  return letter.toUpperCase().charCodeAt(0) & 0x1f;
}

/** Writes a control character, such as `^]`. */
export function escapeName(byte: number): string {
  return `^${String.fromCharCode(byte | 0x40)}`;
}

/** Returns the input before the escape character, and whether the character is there. */
export function splitAtEscape(input: Buffer, escape: number | undefined): { before: Buffer; escaped: boolean } {
  const at = escape === undefined ? -1 : input.indexOf(escape);
  return at < 0 ? { before: input, escaped: false } : { before: input.subarray(0, at), escaped: true };
}
