/** Aligns columns with three spaces between them, as kubectl prints tables. */
export class Columns {
  readonly #widths: number[] = [];

  /** Formats rows as lines. Columns are never narrower than in earlier calls, so that a table can grow. */
  lines(rows: readonly (readonly string[])[]): string[] {
    for (const row of rows) {
      for (const [index, cell] of row.entries()) {
        this.#widths[index] = Math.max(this.#widths[index] ?? 0, cell.length);
      }
    }
    return rows.map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd((this.#widths[index] ?? 0) + 3)))
        .join("")
        .trimEnd(),
    );
  }
}
