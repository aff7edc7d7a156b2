import { expect, it } from 'vitest';
import { interactionsToCsr } from '../../../src/data/csr.ts';
import { evaluateScorer } from '../../../src/evaluate/evaluate.ts';
import { popularity } from '../../../src/models/closed/popularity.ts';
import { svd } from '../../../src/models/closed/svd.ts';
import { plantedSplit } from '../planted.ts';

const split = plantedSplit(30, 12, 6);
const { train } = split;

function scoreOf(
  { users, items, dim }: Awaited<ReturnType<typeof svd>>['tables'],
  user: number,
  item: number,
) {
  let sum = 0;
  for (let k = 0; k < dim; k++) sum += users![user * dim + k] * items[item * dim + k];
  return sum;
}

it('gives the interactions back where nothing is cut off', async () => {
  const { tables } = await svd(train, { rank: train.numItems, popularity: 0.5 });
  const { rowPtr, colIdx } = interactionsToCsr(train);
  for (let user = 0; user < train.numUsers; user++) {
    const own = new Set(colIdx.subarray(rowPtr[user], rowPtr[user + 1]));
    for (let item = 0; item < train.numItems; item++)
      expect(scoreOf(tables, user, item)).toBeCloseTo(own.has(item) ? 1 : 0, 3);
  }
});

it('finds what few columns tell, and prefers popular items as told', async () => {
  const scorer = await svd(train, { rank: 2 });
  expect(scorer.tables.dim).toBe(2);
  const { means } = await evaluateScorer(scorer, split, { ks: [8] });
  const { means: popular } = await evaluateScorer(popularity(train), split, { ks: [8] });
  expect(means['recall@8']).toBeGreaterThan(1.5 * popular['recall@8']);
  const degrees = new Int32Array(train.numItems);
  for (const item of train.items) degrees[item]++;
  const [plain, grown] = [0, 1].map(
    async (exponent) => (await svd(train, { rank: 2, popularity: exponent })).tables,
  );
  const [before, after] = [(await plain).items, (await grown).items];
  for (let item = 0; item < train.numItems; item++)
    expect(after[2 * item]).toBeCloseTo(before[2 * item] * degrees[item], 4);
});

it('has no more columns than the interactions, and rows of zeros where there are none', async () => {
  const fewer = train.subset(Array.from(train.users.keys()).filter((n) => train.users[n] !== 3));
  const { tables } = await svd(fewer, { rank: 1000 });
  expect(tables.dim).toBeLessThanOrEqual(train.numItems);
  expect(tables.users!.subarray(3 * tables.dim, 4 * tables.dim).every((value) => value === 0)).toBe(true);
});
