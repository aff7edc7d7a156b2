import { describe, expect, it } from 'vitest';
import { sampleNegatives } from '../../src/kernels/sampling.ts';
import { PURPOSE } from '../../src/runtime/random.ts';
import type { Workspace } from '../../src/runtime/workspace.ts';
import { builds, guarded, randomCsr, writesOnly } from './harness.ts';

const USERS = 5;
const ITEMS = 23;
/** Nobody's items, one, several, all but one, half. */
const DEGREES = [0, 1, 7, 22, 11];
const arrays = randomCsr(USERS, ITEMS, (r) => DEGREES[r]);
const rowOf = (user: number) => arrays.colIdx.subarray(arrays.rowPtr[user], arrays.rowPtr[user + 1]);

interface Draw {
  users: ArrayLike<number>;
  positives: ArrayLike<number>;
  verify: boolean;
  first?: number;
  seed?: number;
  epoch?: number;
}

/** The items drawn, between guards. */
function sample(ws: Workspace, draw: Draw): Int32Array {
  const start = ws.mark();
  const interactions = ws.csr(arrays);
  const count = draw.users.length;
  const users = ws.i32From(draw.users);
  const positives = ws.i32From(Array.from(draw.positives, (item) => item + USERS));
  const negatives = guarded(ws, () => ws.i32(count));
  const { verify, first = 0, seed = 3, epoch = 2 } = draw;
  const options = { verify, seed, purpose: PURPOSE.negatives, epoch, first };
  writesOnly(ws, [negatives], () =>
    sampleNegatives(ws, interactions, users, positives, negatives, count, options),
  );
  const items = negatives.view.map((node) => node - USERS);
  ws.release(start);
  return items;
}

/** χ² of the counts of the allowed items against equal counts; every other item must have none. */
function chiSquare(drawn: Int32Array, allowed: readonly number[]): number {
  const counts = new Float64Array(ITEMS);
  for (const item of drawn) counts[item]++;
  const expected = drawn.length / allowed.length;
  expect(allowed.reduce((sum, item) => sum + counts[item], 0)).toBe(drawn.length);
  return allowed.reduce((sum, item) => sum + (counts[item] - expected) ** 2 / expected, 0);
}

/** Above this a uniform sampler comes once in about 10,000 seeds (Wilson and Hilferty's approximation). */
function chiSquareLimit(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 3.72 * Math.sqrt(spread)) ** 3;
}

describe.each(builds)('sampleNegatives on the $name build', ({ open }) => {
  it('draws verified negatives uniformly from the items the user does not have', () => {
    const ws = open();
    for (let user = 0; user < USERS; user++) {
      const own = new Set(rowOf(user));
      const allowed = Array.from({ length: ITEMS }, (_, item) => item).filter((item) => !own.has(item));
      const users = new Int32Array(20_000).fill(user);
      const drawn = sample(ws, { users, positives: users.map(() => 0), verify: true });
      expect(drawn.some((item) => own.has(item))).toBe(false);
      expect(chiSquare(drawn, allowed)).toBeLessThan(chiSquareLimit(Math.max(allowed.length - 1, 1)));
    }
  });

  it('draws unverified negatives uniformly from all items but the positive', () => {
    const ws = open();
    for (const positive of [0, 11, ITEMS - 1]) {
      const users = new Int32Array(20_000).fill(3);
      const drawn = sample(ws, { users, positives: users.map(() => positive), verify: false });
      const allowed = Array.from({ length: ITEMS }, (_, item) => item).filter((item) => item !== positive);
      expect(drawn.includes(positive)).toBe(false);
      expect(chiSquare(drawn, allowed)).toBeLessThan(chiSquareLimit(ITEMS - 2));
    }
  });

  it('gives each interaction of an epoch the same negative however the batches are cut', () => {
    const ws = open();
    const users = Int32Array.from({ length: 1000 }, (_, n) => n % USERS);
    const positives = users.map((_, n) => n % ITEMS);
    for (const verify of [true, false]) {
      const whole = sample(ws, { users, positives, verify });
      for (const size of [1, 7, 256]) {
        const parts: number[] = [];
        for (let first = 0; first < users.length; first += size) {
          const part = (all: Int32Array) => all.subarray(first, first + size);
          parts.push(...sample(ws, { users: part(users), positives: part(positives), verify, first }));
        }
        expect(Int32Array.from(parts)).toEqual(whole);
      }
    }
  });

  it('draws anew in another epoch and with another seed', () => {
    const ws = open();
    const users = new Int32Array(100).fill(0);
    const draw = (seed: number, epoch: number) =>
      sample(ws, { users, positives: users, verify: true, seed, epoch }).join();
    expect(new Set([draw(3, 2), draw(3, 3), draw(4, 2), draw(3 + 2 ** 32, 2)]).size).toBe(4);
    expect(draw(3, 2)).toBe(draw(3, 2));
  });
});
