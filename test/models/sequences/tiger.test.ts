import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/data/graph.ts';
import { Interactions } from '../../../src/data/interactions.ts';
import { codeVocabulary, itemTokens } from '../../../src/data/itemCodes.ts';
import { tokenRows } from '../../../src/models/sequences/codeSequences.ts';
import { tiger } from '../../../src/models/sequences/tiger.ts';
import { ScoreRanker } from '../../../src/rank/scoreRanker.ts';
import { load } from '../../../src/runtime/load.ts';
import { exhaustiveScores } from '../../rank/codes/reference.ts';
import { CODES } from '../../rank/codes/sampleCodes.ts';
import { started } from '../../rank/started.ts';
import { maxDifference } from '../../reference/sample.ts';
import { smallSasRec } from '../../reference/sasrecSample.ts';
import { hiddenStates, sasRecLoss } from '../../reference.ts';
import { DEFAULTS, SGD } from '../smallGraph.ts';
import { packed } from './packed.ts';

const HEADS = 2;
const DIM = 6;
/** Items of a history that are read. */
const LENGTH = 3;
const NUM_ITEMS = 20;
const SEQUENCES = [[0, 3, 1, 16, 5, 2], [5, 12], [4], [2, 19, 3]];
const { tokens } = codeVocabulary(CODES);
const WORDS = itemTokens(CODES);
const wordsOf = (items: readonly number[]) =>
  items.flatMap((item) => [...WORDS.subarray(3 * item, 3 * item + 3)]);
const runtime = await load();

function opened() {
  const rows = SEQUENCES.flatMap((items, user) =>
    items.map((item, time) => ({ user: `u${user}`, item: `i${item}`, timestamp: time })),
  );
  const named = Array.from({ length: NUM_ITEMS }, (_, n) => ({ user: 'x', item: `i${n}`, timestamp: 0 }));
  const all = Interactions.from([...named, ...rows]);
  const graph = new Graph(all.subset(rows.map((_, n) => NUM_ITEMS + n)));
  const model = smallSasRec(tokens, DIM, 3 * (LENGTH + 1) - 1);
  const workspace = runtime.open();
  const made = tiger.create(workspace, graph, DIM, {
    ...{ ...DEFAULTS, optimizer: SGD, heads: HEADS, maxLength: LENGTH, batchSize: 4, beams: 100 },
    codes: CODES,
  });
  made.start(graph, new Float32Array(graph.numNodes * DIM));
  made.parameters.setValues(packed(model, HEADS));
  return { workspace, made, model, graph };
}

describe('TIGER', () => {
  it('has the loss of the next code and its gradient, of the last items of a sequence', () => {
    const { workspace, made, model } = opened();
    const before = made.parameters.values();
    const expected = sasRecLoss(
      model,
      SEQUENCES.map((items) => wordsOf(items.slice(-LENGTH - 1))).filter((words) => words.length > 3),
      HEADS,
    );
    // Of one item there is nothing to learn: it is in no batch.
    const users = workspace.i32From<'node'>([1, 2, 4]);
    const loss = made.step({ users, positives: users, negatives: users, count: 3 });
    expect(loss).toBeCloseTo(expected.loss, 5);
    const gradient = made.parameters.values().map((value, n) => before[n] - value);
    const wanted = packed(expected.gradient, HEADS);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(maxDifference(gradient, wanted) / largest).toBeLessThan(2e-5);
  });

  it('scores by the weights of now what follows the last items, item by item', () => {
    const { workspace, made, model } = opened();
    const ranker = started(new ScoreRanker(workspace, NUM_ITEMS, 'many', NUM_ITEMS, () => made.scores!()));
    const history = SEQUENCES[0];
    const expected = exhaustiveScores(model, CODES, history.slice(-LENGTH), HEADS);
    const query = () => ({ user: null, history });
    ranker.rank(
      1,
      NUM_ITEMS,
      query,
      () => {},
      (_, { items, scores }) => {
        expect(items).toHaveLength(NUM_ITEMS);
        for (const [n, item] of items.entries()) expect(scores[n]).toBeCloseTo(expected[item], 4);
      },
    );
  });

  it('gives users the hidden state behind their last items, and items the sum of their codes’ rows', () => {
    const { made, model, graph } = opened();
    const z = made.propagate();
    for (const [n, items] of SEQUENCES.entries()) {
      const hidden = hiddenStates(model, wordsOf(items.slice(-LENGTH)), HEADS).data.slice(-DIM);
      expect(maxDifference(z.row(n + 1).view, hidden)).toBeLessThan(1e-5);
    }
    const row = z.row(graph.numUsers + 7).view;
    const sum = Array.from(row, (_, c) =>
      wordsOf([7]).reduce((all, token) => all + model.items.data[token * DIM + c], 0),
    );
    expect(maxDifference(row, sum)).toBeLessThan(1e-6);
  });

  it('begins with rows of tokens whose sums are about the rows of the items', () => {
    const items = Float32Array.from({ length: NUM_ITEMS * DIM }, (_, n) => Math.sin(1.7 * n));
    const rows = tokenRows(CODES, items, DIM);
    const meanOf = (column: number, code: number) => {
      const own = [...Array(NUM_ITEMS).keys()].filter((item) => CODES.values[3 * item + column] === code);
      return own.reduce((sum, item) => sum + items[item * DIM], 0) / own.length;
    };
    expect(rows[0]).toBeCloseTo(meanOf(0, 0), 5);
    const errors = (columns: number) => {
      let sum = 0;
      for (let item = 0; item < NUM_ITEMS; item++)
        for (let c = 0; c < DIM; c++) {
          const own = wordsOf([item]).slice(0, columns);
          const about = own.reduce((all, token) => all + rows[token * DIM + c], 0);
          sum += (items[item * DIM + c] - about) ** 2;
        }
      return sum;
    };
    expect(errors(1)).toBeLessThan(errors(0));
    expect(errors(2)).toBeLessThan(errors(1));
    expect(errors(3)).toBeLessThan(errors(2));
  });
});
