import { expect, it } from 'vitest';
import { timeLeft } from '../../src/cli/embedder.ts';

it.each([
  [{ done: 100, total: 400, cached: 0 }, 10_000, ' (about 30 s left)'],
  [{ done: 300, total: 400, cached: 200 }, 10_000, ' (about 10 s left)'],
  [{ done: 100, total: 4000, cached: 0 }, 10_000, ' (about 7 min left)'],
  [{ done: 10, total: 40_000, cached: 0 }, 10_000, ' (about 12 h left)'],
  [{ done: 100, total: 400, cached: 100 }, 10_000, ''],
  [{ done: 400, total: 400, cached: 0 }, 10_000, ''],
  [{ done: 1, total: 400, cached: 0 }, 500, ''],
])('after %j in %i ms the time left is "%s"', (progress, elapsed, text) => {
  expect(timeLeft(progress, elapsed)).toBe(text);
});
