import { expect } from 'vitest';
import { interactionsToCsr } from '../../src/data/csr.ts';
import { IdTable } from '../../src/data/idTable.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { Embeddings } from '../../src/embed/embeddings.ts';
import { initialize } from '../../src/init/initialize.ts';
import type { InitializeOptions } from '../../src/init/options.ts';
import type { Strategy } from '../../src/init/strategies/index.ts';
import type { Initialization } from '../../src/init/tables.ts';
import { randomIndices, randomValues, worstRatio } from '../kernels/harness.ts';
import { type Matrix, toMatrix } from '../reference.ts';

export const USERS = 30;
export const ITEMS = 20;
export const WIDTH = 12;
/** Two users hold no interaction of the training set, as after a split. */
export const ACTIVE = 28;

export const train = planted();
export const vectors = randomValues(ITEMS * WIDTH, 1).map((value, n) => 3 * value + (n % WIDTH) / 4);
export const embeddings = embeddingsOf(Array.from({ length: ITEMS }, (_, item) => item));
export const table = toMatrix(vectors, ITEMS, WIDTH);
export const csr = interactionsToCsr(train);

export function planted(): Interactions {
  const userTable = new IdTable();
  const itemTable = new IdTable();
  for (let n = 0; n < USERS; n++) userTable.add(`u${n}`);
  for (let n = 0; n < ITEMS; n++) itemTable.add(`i${n}`);
  const pairs = new Set(Array.from(randomIndices(150, ACTIVE * ITEMS), Number));
  for (let user = 0; user < ACTIVE; user++) pairs.add(user * ITEMS + (user % 5));
  const users = Int32Array.from(pairs, (pair) => Math.floor(pair / ITEMS));
  const items = Int32Array.from(pairs, (pair) => pair % ITEMS);
  return new Interactions({ userTable, itemTable, users, items });
}

/** The vectors of the listed items, in that order, among those of two ids that are no items. */
export function embeddingsOf(items: readonly number[], values = vectors): Embeddings {
  const rows = [...items, 0, 1];
  return new Embeddings({
    ids: [...items.map((item) => `i${item}`), 'other', 'another'],
    width: WIDTH,
    vectors: Float32Array.from(
      rows.flatMap((item) => [...values.subarray(item * WIDTH, (item + 1) * WIDTH)]),
    ),
    source: 'test',
  });
}

export function run(
  strategy: Strategy,
  options: InitializeOptions = {},
  from = embeddings,
): Promise<Initialization> {
  const dim = strategy === 'full' ? undefined : 5;
  return initialize(train, strategy === 'xavier' ? null : from, { strategy, dim, ...options });
}

export function norms(values: Float32Array, dim: number): number[] {
  return Array.from({ length: values.length / dim }, (_, r) =>
    Math.hypot(...values.subarray(r * dim, (r + 1) * dim)),
  );
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function expectClose(found: Float32Array, expected: Matrix, error = 2e-6): void {
  expect(worstRatio(found, expected.data, () => error)).toBeLessThanOrEqual(1);
}
