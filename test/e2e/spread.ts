/** Merges two lists, and spreads each evenly over the result. */
export function spread<T>(a: readonly T[], b: readonly T[]): T[] {
  const placed = (list: readonly T[]) => list.map((item, index) => ({ item, place: (index + 0.5) / list.length }));
  return [...placed(a), ...placed(b)].toSorted((x, y) => x.place - y.place).map(({ item }) => item);
}
