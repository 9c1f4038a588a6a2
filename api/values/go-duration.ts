/** Milliseconds in each unit of Go's durations. */
const units: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

const part = "[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+";
const whole = new RegExp(`^\\+?(?:0|(?:(?:${part})(?:h|m|s|ms|us|µs|μs|ns))+)$`);
const parts = new RegExp(`(${part})(h|ms|m|s|us|µs|μs|ns)`, "g");

/** Milliseconds of a duration in Go's form, such as `5m0s`; `undefined` for a text that is not one, or is negative. */
export function goDuration(text: string): number | undefined {
  if (!whole.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit = ""] of text.matchAll(parts)) sum += Number(number) * (units[unit] ?? 0);
  return sum;
}
