import { describe, expect, it } from 'vitest';
import { DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { BlendScorer } from '../../src/rank/blendScorer.ts';
import { ItemScorer } from '../../src/rank/itemScorer.ts';
import { RowScorer } from '../../src/rank/rowScorer.ts';
import { scoreDeviation } from '../../src/rank/scoreDeviation.ts';
import type { Query, Scorer } from '../../src/rank/scorer.ts';
import { TableScorer } from '../../src/rank/tableScorer.ts';
import { load } from '../../src/runtime/load.ts';
import { loadThreads } from '../../src/runtime/loadThreads.ts';
import { randomCsr, randomIndices, randomValues } from '../kernels/harness.ts';
import { topK } from '../reference.ts';
import { started } from './started.ts';

const ITEMS = 75;
const USERS = 9;
const DIM = 6;

const users = randomValues(USERS * DIM, 1);
const items = randomValues(ITEMS * DIM, 2);
const csr = randomCsr(ITEMS, ITEMS, (r) => r % 11, 4);
const rows = {
  numItems: ITEMS,
  ...withoutDiagonal(csr),
};
const table = new TableScorer('table', { users, items, dim: DIM });
const sparse = new RowScorer('sparse', rows);
const bias = new ItemScorer('bias', randomValues(ITEMS, 5));
const blend = new BlendScorer('blend', [
  { scorer: table, weight: 0.65, deviation: 2 },
  { scorer: sparse, weight: 0.35, deviation: 0.25 },
]);
const scorers: Scorer[] = [table, sparse, bias, blend];

/** Known users with histories, and strangers with and without one. */
const queries: Query[] = Array.from({ length: 530 }, (_, n) => ({
  user: n % 3 === 0 ? null : n % USERS,
  history: n % 7 === 6 ? [] : [...new Set(randomIndices(1 + (n % 5), ITEMS, n))],
}));

function withoutDiagonal({ rowPtr, colIdx, values }: typeof csr) {
  const starts = new Int32Array(ITEMS + 1);
  const kept: number[] = [];
  for (let r = 0; r < ITEMS; r++) {
    for (let n = rowPtr[r]; n < rowPtr[r + 1]; n++) if (colIdx[n] !== r) kept.push(n);
    starts[r + 1] = kept.length;
  }
  return {
    rowPtr: starts,
    indices: Int32Array.from(kept, (n) => colIdx[n]),
    weights: Float32Array.from(kept, (n) => values[n]),
  };
}

/** A score by its definition, in float64. */
function exactScore(scorer: Scorer, { user, history }: Query, item: number): number {
  if (scorer instanceof ItemScorer) return scorer.scores[item];
  if (scorer instanceof RowScorer)
    return Array.from(history, (j) => {
      const at = rows.indices.subarray(rows.rowPtr[j], rows.rowPtr[j + 1]).indexOf(item);
      return at < 0 ? 0 : rows.weights[rows.rowPtr[j] + at];
    }).reduce((a, b) => a + b, 0);
  if (scorer instanceof BlendScorer)
    return scorer.parts
      .map((part) => (part.weight / part.deviation) * exactScore(part.scorer, { user, history }, item))
      .reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let c = 0; c < DIM; c++) {
    let own = 0;
    if (user !== null) own = users[user * DIM + c];
    else for (let n = 0; n < history.length; n++) own += items[history[n] * DIM + c] / history.length;
    sum += own * items[item * DIM + c];
  }
  return sum;
}

describe.each(scorers)('the scorer of $kind', (scorer) => {
  it('adds its scores times a factor to what is there', async () => {
    const workspace = (await load()).open();
    const adder = started(scorer.adder(workspace, 8));
    const scores = workspace.matrix(8, ITEMS, 80);
    scores.view.fill(0.5);
    adder.add(queries.slice(0, 7), 2, scores);
    const found = scores.read();
    for (let n = 0; n < 7; n++) {
      for (let item = 0; item < ITEMS; item++)
        expect(found[n * ITEMS + item]).toBeCloseTo(0.5 + 2 * exactScore(scorer, queries[n], item), 5);
    }
    expect(found.subarray(7 * ITEMS).every((value) => value === 0.5)).toBe(true);
  });

  it('ranks by its scores, ties to the lower item, and leaves masked items out', async () => {
    const workspace = (await load()).open();
    const adder = started(scorer.adder(workspace, 1));
    const open = started(scorer.open(workspace, 'many', 10));
    const mark = workspace.mark();
    const scores = workspace.matrix(4, ITEMS, 80);
    open.rank(
      queries.length,
      10,
      (n) => queries[n],
      (n, excluded) => excluded.exclude(n % 2 ? (queries[n].history as number[]) : []),
      (n, ranked) => {
        if (n % 10) return;
        scores.view.fill(0);
        adder.add([queries[n]], 1, scores);
        const own = scores.slice(0, 1).read();
        const expected = topK(own, 10, n % 2 ? (queries[n].history as number[]) : []);
        // Factors of known users are ranked by the kernel of tables, which sums in another order than the adder.
        expect([...ranked.items]).toEqual([...expected]);
        for (const [place, item] of expected.entries())
          expect(ranked.scores[place]).toBeCloseTo(own[item], 5);
      },
    );
    workspace.release(mark);
  });

  it('explains scores by contributions that sum to them', () => {
    for (const query of queries.slice(0, 12)) {
      for (const item of [0, 9, 74]) {
        const sum = scorer.explain(query, item).reduce((total, { score }) => total + score, 0);
        expect(sum).toBeCloseTo(exactScore(scorer, query, item), 5);
      }
    }
  });

  it('ranks the same for one query and for many, with any number of threads', async () => {
    const runtimes = [await load(), await loadThreads({ threads: 2, onFallback: () => {} })];
    const results = runtimes.flatMap((runtime) =>
      (['one', 'many'] as const).map((mode) => {
        const open = started(scorer.open(runtime.open(), mode, 5));
        const found: number[][] = [];
        open.rank(
          60,
          5,
          (n) => queries[n],
          () => {},
          (_, { items, scores }) => {
            found.push([...items, ...scores]);
          },
        );
        return found;
      }),
    );
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
    runtimes[1].close();
  });
});

describe('RowScorer', () => {
  it('explains a score by contributions of the history that sum to it to the bit', async () => {
    const workspace = (await load()).open();
    const scores = workspace.matrix(4, ITEMS, 80);
    started(sparse.adder(workspace, 1)).add([queries[4]], 1, scores);
    for (const item of [0, 17, 42]) {
      const shares = sparse.explain(queries[4], item);
      expect(shares.reduce((sum, { score }) => Math.fround(sum + score), 0)).toBe(scores.view[item]);
      for (const share of shares) expect(Array.from(queries[4].history)).toContain(share.item);
    }
  });

  it('refuses rows that are no rows of items', () => {
    const wrong = { ...rows, weights: rows.weights.slice() };
    wrong.weights[3] = Number.NaN;
    expect(() => new RowScorer('x', wrong)).toThrow(DataError);
    expect(() => new RowScorer('x', { ...rows, numItems: 3 })).toThrow(ShapeError);
    const own = {
      numItems: 2,
      rowPtr: Int32Array.of(0, 1, 1),
      indices: Int32Array.of(0),
      weights: Float32Array.of(1),
    };
    expect(() => new RowScorer('x', own)).toThrow('item 0 stands in its own row');
  });
});

describe('BlendScorer', () => {
  it('refuses parts over different items, weights and deviations out of range, and no parts', () => {
    const part = { scorer: table, weight: 1, deviation: 1 };
    const other = new ItemScorer('other', new Float32Array(3));
    expect(() => new BlendScorer('b', [part, { ...part, scorer: other }])).toThrow(ShapeError);
    expect(() => new BlendScorer('b', [part, { ...part, scorer: other }])).toThrow('received 75 and 3 items');
    for (const weight of [-1, Number.NaN])
      expect(() => new BlendScorer('b', [{ ...part, weight }])).toThrow(OptionError);
    for (const deviation of [0, Number.POSITIVE_INFINITY])
      expect(() => new BlendScorer('b', [{ ...part, deviation }])).toThrow(OptionError);
    expect(() => new BlendScorer('b', [])).toThrow(OptionError);
  });
});

describe('scoreDeviation', () => {
  it('is the mean over queries of the standard deviation over items', async () => {
    const runtime = await load();
    for (const scorer of scorers) {
      const found = await scoreDeviation(scorer, queries, { runtime });
      let sum = 0;
      for (const query of queries) {
        const own = Array.from({ length: ITEMS }, (_, item) => exactScore(scorer, query, item));
        const mean = own.reduce((a, b) => a + b, 0) / ITEMS;
        sum += Math.sqrt(own.reduce((a, b) => a + (b - mean) ** 2, 0) / ITEMS);
      }
      expect(found / (sum / queries.length)).toBeCloseTo(1, 6);
    }
  });

  it('refuses scorers that tell no items apart, and stops when aborted', async () => {
    const runtime = await load();
    const flat = new ItemScorer('flat', new Float32Array(ITEMS).fill(3));
    await expect(scoreDeviation(flat, queries, { runtime })).rejects.toThrow(DataError);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(scoreDeviation(table, queries, { runtime, signal })).rejects.toThrow('enough');
  });
});
