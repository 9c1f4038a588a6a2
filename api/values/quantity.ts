/**
 * A Kubernetes quantity, exact: a number of thousandths as a bigint, so that nothing is lost between `500m`, `1.5Gi`
 * and `2E`. Finer digits (`n`, `u`) are rounded up to a thousandth, as Kubernetes does where it needs a whole number.
 */
export interface Quantity {
  /** The value times 1000. */
  readonly thousandths: bigint;
  /** The family of its suffix: `Ki, Mi, …`, `k, M, …` or an exponent such as `1e3`. */
  readonly format: "binary" | "decimal" | "exponent";
}

/** The pattern of a quantity in the CRDs. It allows no negative quantity: a virtual machine needs none. */
export const quantityPattern = /^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$/;

const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/** The text is not a quantity. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";

  constructor(value: unknown) {
    super(`${JSON.stringify(value)} is not a quantity such as 128Mi, 1G or 500m`);
  }
}

/** Parses a quantity in one of the API's forms: an integer, or text such as `128Mi`. Throws QuantityError. */
export function parseQuantity(value: string | number): Quantity {
  const match = quantityPattern.exec(String(value));
  if (!match || (typeof value === "number" && !Number.isSafeInteger(value))) throw new QuantityError(value);
  const [, number = "", , suffix = ""] = match;
  const [whole = "", fraction = ""] = number.split(".");
  const digits = BigInt(`${whole}${fraction}`);
  const { factor, exponent, format } = unit(suffix);
  return { thousandths: scale(digits * factor, exponent - fraction.length + 3), format };
}

/** The multiplier of a suffix: `factor × 10 ** exponent`. */
function unit(suffix: string): { factor: bigint; exponent: number; format: Quantity["format"] } {
  const power = binary.findIndex((name) => name === suffix);
  if (power > 0) return { factor: 1n << BigInt(10 * power), exponent: 0, format: "binary" };
  const thousands = decimal.findIndex((name) => name === suffix);
  if (thousands >= 0) return { factor: 1n, exponent: 3 * (thousands - 3), format: "decimal" };
  return { factor: 1n, exponent: Number(suffix.slice(1)), format: "exponent" };
}

/** `value × 10 ** exponent`, rounded up. */
function scale(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent);
  return divideUp(value, 10n ** BigInt(-exponent));
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** Whether a value of the API is a quantity. */
export function isQuantity(value: unknown): value is string | number {
  return (
    (typeof value === "string" && quantityPattern.test(value)) ||
    (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)
  );
}

/** A quantity's whole units (bytes, CPUs), rounded up. */
export function wholeUnits(value: string | number | Quantity): bigint {
  return divideUp(toQuantity(value).thousandths, 1000n);
}

/** A quantity in thousandths (milli-CPUs), rounded up. */
export function thousandths(value: string | number | Quantity): bigint {
  return toQuantity(value).thousandths;
}

/** Whether a quantity is a whole number, and fits in 64 bits. */
export function isWholeQuantity(value: string | number | Quantity): boolean {
  const amount = thousandths(value);
  return amount % 1000n === 0n && amount / 1000n < 1n << 63n;
}

/** Less than 0, 0 or more than 0 if `a` is less than, equal to or more than `b`, in whatever units. */
export function compareQuantities(a: string | number | Quantity, b: string | number | Quantity): number {
  const difference = thousandths(a) - thousandths(b);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** Writes a quantity as Kubernetes does: with the largest suffix that leaves a whole number. */
export function formatQuantity(quantity: Quantity): string {
  const value = quantity.thousandths;
  if (value === 0n) return "0";
  // Kubernetes does not use the binary family for fractions and for less than 1024.
  if (quantity.format === "binary" && value % 1000n === 0n && value >= 1_024_000n) {
    return withSuffix(value / 1000n, 1024n, binary);
  }
  if (quantity.format !== "exponent") return withSuffix(value, 1000n, decimal.slice(2));
  const text = withSuffix(value, 1000n, ["e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"]);
  return text;
}

function withSuffix(value: bigint, step: bigint, suffixes: readonly string[]): string {
  let rest = value;
  let index = 0;
  while (rest % step === 0n && index < suffixes.length - 1) {
    rest /= step;
    index += 1;
  }
  return `${rest}${suffixes[index]}`;
}

/** Bytes as a quantity, in binary units: `formatBytes(134217728n)` is `128Mi`. */
export function formatBytes(bytes: bigint | number): string {
  return formatQuantity({ thousandths: BigInt(bytes) * 1000n, format: "binary" });
}

function toQuantity(value: string | number | Quantity): Quantity {
  return typeof value === "object" ? value : parseQuantity(value);
}
