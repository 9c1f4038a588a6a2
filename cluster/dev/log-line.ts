import { styleText } from "node:util";

/** A line of a program's structured log. */
interface Entry {
  readonly level?: number | string;
  readonly time?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** pino's numbers of the levels. */
const levels: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };

const colors = { debug: "dim", info: "green", warn: "yellow", error: "red", fatal: "red" } as const;
const isLevel = (text: string): text is keyof typeof colors => Object.hasOwn(colors, text);

/** Formats a program's log line for people: time, source, level, message, fields; an error's stack below it. */
export function logLine(source: string, line: string): string {
  const who = styleText("cyan", source.padEnd(16));
  const entry = parse(line);
  if (!entry) return `${" ".repeat(12)} ${who} ${line}`;
  const { level = "", time = "", msg = "", ...fields } = entry;
  const named = typeof level === "number" ? (levels[level] ?? String(level)) : level;
  const shown = isLevel(named) ? styleText(colors[named], named.padEnd(5)) : named.padEnd(5);
  const words = Object.entries(fields).flatMap(([name, value]) => field(name, value));
  const stacks = Object.values(fields).flatMap(stackOf);
  return [[time.slice(11, 23).padEnd(12), who, shown, msg, ...words].join(" "), ...stacks].join("\n");
}

function parse(line: string): Entry | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function field(name: string, value: unknown): string[] {
  if (stackOf(value).length > 0) return [];
  const text = typeof value === "string" && /^\S+$/.test(value) ? value : JSON.stringify(value);
  return [`${styleText("dim", `${name}=`)}${text}`];
}

function stackOf(value: unknown): string[] {
  const isError = typeof value === "object" && value !== null && "stack" in value && typeof value.stack === "string";
  return isError
    ? String(value.stack)
        .split("\n")
        .map((one) => `    ${one}`)
    : [];
}
