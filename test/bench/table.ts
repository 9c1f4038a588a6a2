import type { BenchResult, Row } from "./measurement.ts";

const columns: readonly { title: string; text: (row: Row) => string }[] = [
  { title: "WHAT", text: ({ what }) => what },
  { title: "VALUE", text: ({ value, unit }) => `${figure(value)} ${unit}` },
  { title: "P95", text: ({ p95 }) => figure(p95) },
  { title: "FLOOR", text: ({ floor }) => figure(floor) },
  { title: "RATIO", text: ({ ratio }) => figure(ratio) },
  { title: "BAR", text: ({ bar }) => figure(bar) },
  { title: "OK", text: ({ ok }) => (ok === undefined ? "" : ok ? "yes" : "NO") },
];

/** Formats a result as a table for people. */
export function benchTable({ name, machine, rows }: BenchResult): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("   ")
      .trimEnd(),
  );
  const where = `${machine.cpus} × ${machine.processor}, ${machine.memoryMiB} MiB, Linux ${machine.kernel}`;
  return `${name} on ${where}\n${lines.join("\n")}\n`;
}

function figure(value: number | undefined): string {
  if (value === undefined) return "";
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
