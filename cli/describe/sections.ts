import { Columns } from "../output/columns.ts";

/** Writes a description as kubectl does: names on the left, values aligned, tables indented under their names. */
export class Sections {
  readonly #parts: (readonly [string, string] | string)[] = [];

  /** Adds one value; an empty value is left out. */
  line(name: string, value: string | undefined): void {
    if (value !== undefined && value !== "") this.#parts.push([name, value]);
  }

  /** Adds names and values. */
  map(name: string, values: Readonly<Record<string, string>> | undefined): void {
    const entries = Object.entries(values ?? {});
    if (entries.length === 0) this.#parts.push([name, "<none>"]);
    for (const [index, [key, value]] of entries.entries()) {
      // An annotation may hold a whole manifest.
      const short = value.length > 140 ? `${value.slice(0, 140)}…` : value;
      this.#parts.push([index === 0 ? name : "", `${key}: ${short.replaceAll("\n", " ")}`]);
    }
  }

  /** Adds rows, headings first. Without rows it adds `otherwise`, or nothing. */
  table(name: string, rows: readonly (readonly string[])[], otherwise?: string): void {
    if (rows.length > 0) {
      this.#parts.push(`${name}:`, ...new Columns().lines(rows).map((line) => `  ${line}`));
    } else if (otherwise !== undefined) {
      this.#parts.push([name, otherwise]);
    }
  }

  /** Returns the whole text. */
  text(): string {
    const width = Math.max(...this.#parts.map((part) => (typeof part === "string" ? 0 : part[0].length))) + 4;
    return this.#parts
      .map((part) => {
        if (typeof part === "string") return part;
        const [name, value] = part;
        return (name === "" ? "" : `${name}:`).padEnd(width) + value;
      })
      .join("\n");
  }
}
