import { percentile, type Row } from "./measurement.ts";

/**
 * Makes a row for a figure where higher is better. Ours and theirs were measured in turns, so each round is a pair. The
 * ratio is the median of the pairs' ratios and must reach `bar`. So a slow phase of the computer affects both sides.
 */
export function against(
  what: string,
  unit: string,
  ours: readonly number[],
  theirs: readonly number[],
  bar?: number,
): Row {
  const ratios = ours.map((one, round) => one / (theirs[round] ?? Number.NaN));
  const ratio = percentile(ratios, 50);
  return {
    what,
    unit,
    value: percentile(ours, 50),
    floor: percentile(theirs, 50),
    ratio,
    ...(bar === undefined ? {} : { bar, ok: ratio >= bar }),
  };
}
