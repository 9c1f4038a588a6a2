/** A time as `metav1.MicroTime`. It has exactly six fractional digits; otherwise the API server refuses it. */
export function microTime(date: Date = new Date()): string {
  return date.toISOString().replace("Z", "000Z");
}

/** A time as `metav1.Time`: RFC 3339 to the second. */
export function time(date: Date = new Date()): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
