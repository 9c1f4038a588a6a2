import { percentile, type Row } from "./measurement.ts";

/**
 * A row whose figure is the better the higher it is. Ours and theirs were measured in turns: each round is a pair, and the
 * ratio, which must reach `bar`, is the median of the pairs', so that a machine that is slow for a while is slow for both.
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
