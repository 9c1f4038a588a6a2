/** The relay's key of an instance's console. */
export function consoleKey(uid: string): string {
  return `${uid}/serial0`;
}
