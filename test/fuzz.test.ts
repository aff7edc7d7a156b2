import { expect, it } from 'vitest';
// @ts-expect-error: a module without types
import { fuzz } from '../bench/fuzz/run.mjs';
import * as llminit from '../src/index.ts';

/** Enough to reach every reader and decoder thousands of times; `npm run fuzz` has no limit. */
const INPUTS = 150_000;

it('mutated inputs end in a result or in a typed error, in bounded time', async () => {
  const { findings, counts, done } = await fuzz(llminit, { inputs: INPUTS, seconds: 60, seed: 7 });
  const told = findings.map(
    ({ target, input, what }: Record<string, unknown>) => `${target} ${input}: ${what}`,
  );
  expect(told).toEqual([]);
  expect(done).toBeGreaterThan(20_000);
  // A target that accepts nothing tests its first line only.
  for (const [name, { accepted }] of Object.entries<{ accepted: number }>(counts))
    expect(accepted, name).toBeGreaterThan(0);
}, 180_000);
