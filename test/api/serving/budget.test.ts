import { expect, test } from "vitest";
import { Budget } from "../../../api/serving/budget.ts";

test("who holds much gets no more, while who comes new still gets its part", () => {
  const budget = new Budget({ bytes: 1000, kept: 0 });
  const greedy = budget.holding();
  let taken = 0;
  while (greedy.take(1)) taken += 1;
  // A quarter of what is left, which its own part no longer is.
  expect(taken).toBe(200);
  expect(budget.holding().take(200)).toBe(true);
  expect(budget.holding({ part: 1 / 100 }).take(200)).toBe(false);
});

test("however many are greedy, what is kept for reservations is there", () => {
  const budget = new Budget({ bytes: 1_000_000, kept: 400_000 });
  for (let number = 0; number < 1000; number += 1) {
    const holding = budget.holding();
    while (holding.take(100));
  }
  expect(budget.used).toBeGreaterThan(590_000);
  for (let number = 0; number < 4; number += 1) expect(budget.holding().reserve(100_000)).toBe(true);
  expect(budget.holding().reserve(10_000)).toBe(false);
  expect(budget.used).toBeLessThanOrEqual(budget.bytes);
});

test("what is given back, or released, is there again; and who has released holds nothing any more", () => {
  const budget = new Budget({ bytes: 1000, kept: 100 });
  const holding = budget.holding();
  holding.reserve(100);
  holding.take(100);
  holding.give(40);
  expect([holding.bytes, budget.used, budget.left]).toEqual([160, 160, 840]);
  // No more than was taken, as of a connection that ended meanwhile.
  holding.give(500);
  expect(budget.used).toBe(100);
  holding.release();
  expect([holding.take(1), holding.reserve(1), budget.used]).toEqual([false, false, 0]);
  holding.give(1);
  expect([budget.used, budget.left]).toEqual([0, 900]);
});
