/** Whether to run all rounds of fault tests and the longest transfers; `npm run faults` sets it. */
export const thorough = process.env.THOROUGH === "1";

/** Returns every fifth round of a fault test, or all rounds if `thorough`. */
export function rounds<T>(all: readonly T[]): readonly T[] {
  return thorough ? all : all.filter((_, index) => index % 5 === 0);
}
