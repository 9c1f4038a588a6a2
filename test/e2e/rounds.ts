/** Whether all rounds of fault tests are wanted, and the longest transfers: `npm run faults` sets it. */
export const thorough = process.env.THOROUGH === "1";

/** A fifth of the rounds of a fault test, spread over all of them; every one where all are wanted. */
export function rounds<T>(all: readonly T[]): readonly T[] {
  return thorough ? all : all.filter((_, index) => index % 5 === 0);
}
