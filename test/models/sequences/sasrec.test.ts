import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/data/graph.ts';
import { Interactions } from '../../../src/data/interactions.ts';
import { sasrec } from '../../../src/models/sequences/sasrec.ts';
import { load } from '../../../src/runtime/load.ts';
import type { Workspace } from '../../../src/runtime/workspace.ts';
import { maxDifference } from '../../reference/sample.ts';
import { smallSasRec } from '../../reference/sasrecSample.ts';
import { hiddenStates, type SasRec, sasRecLoss } from '../../reference.ts';
import { DEFAULTS, SGD } from '../smallGraph.ts';
import { packed } from './packed.ts';

const NUM_ITEMS = 7;
const SEQUENCES = [[0, 3, 1, 6, 5, 2], [5, 2], [4], [2, 6, 3]];
const runtime = await load();

/** Items named by their numbers, times that differ from the order of the rows. */
function graphOf(sequences: readonly (readonly number[])[]): Graph {
  const rows = sequences.flatMap((items, user) =>
    items.map((item, time) => ({ user: `u${user}`, item: `i${item}`, timestamp: time })),
  );
  const named = Array.from({ length: NUM_ITEMS }, (_, item) => ({
    user: 'x',
    item: `i${item}`,
    timestamp: 0,
  }));
  const all = Interactions.from([...named, ...rows.reverse()]);
  const kept = Array.from({ length: rows.length }, (_, n) => NUM_ITEMS + n);
  return new Graph(all.subset(kept));
}

/** The users' numbers in a graph: ids stand in order of first appearance, behind that of `x`. */
function usersOf(sequences: readonly (readonly number[])[]): number[] {
  return sequences.map((_, n) => sequences.length - n);
}

function opened(model: SasRec, heads: number, own: Partial<typeof DEFAULTS> = {}) {
  const workspace: Workspace = runtime.open();
  const dim = model.items.cols;
  const graph = graphOf(SEQUENCES);
  const options = {
    ...DEFAULTS,
    optimizer: SGD,
    heads,
    maxLength: model.positions.rows,
    batchSize: 4,
    ...own,
  };
  const initial = new Float32Array(graph.numNodes * dim);
  const made = sasrec.create(workspace, graph, dim, { ...options, layers: model.blocks.length });
  made.start(graph, initial);
  if (!own.adapter) made.parameters.setValues(packed(model, heads));
  const users = workspace.i32From<'node'>(usersOf(SEQUENCES));
  return { made, batch: { users, positives: users, negatives: users, count: SEQUENCES.length }, graph };
}

describe('SASRec', () => {
  it.each([
    [6, 2, 5],
    [6, 1, 5],
    [6, 3, 2],
    [16, 2, 3],
    [5, 1, 9],
  ])(
    'of dim %i with %i heads and a length of %i has the loss and the gradient of the reference',
    (dim, heads, length) => {
      const model = smallSasRec(NUM_ITEMS, dim, length);
      const { made, batch } = opened(model, heads);
      const before = made.parameters.values();
      expect(before).toEqual(packed(model, heads));
      const windows = SEQUENCES.map((sequence) => sequence.slice(-length - 1));
      const expected = sasRecLoss(model, windows, heads);
      expect(made.step(batch)).toBeCloseTo(expected.loss, 5);
      const gradient = made.parameters.values().map((value, n) => before[n] - value);
      const wanted = packed(expected.gradient, heads);
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(maxDifference(gradient, wanted) / largest).toBeLessThan(2e-5);
    },
  );

  it('ranks by the hidden state behind the last item, whatever the batch', () => {
    const model = smallSasRec(NUM_ITEMS, 6, 4);
    const { made, graph } = opened(model, 2, { batchSize: 2 });
    const z = made.propagate();
    for (const [n, user] of usersOf(SEQUENCES).entries()) {
      const hidden = hiddenStates(model, SEQUENCES[n].slice(-4), 2).data.slice(-6);
      expect(maxDifference(z.row(user).view, hidden)).toBeLessThan(1e-5);
    }
    // The user without training items.
    expect(z.row(0).view).toEqual(new Float32Array(6));
    const items = z.slice(graph.numUsers, NUM_ITEMS).read();
    expect(items).toEqual(Float32Array.from(model.items.data));
  });

  it('with one negative a row has the gradient of the reference, for negatives that the user does not have', () => {
    const model = smallSasRec(NUM_ITEMS, 6, 5);
    const { made, batch } = opened(model, 2, { sequenceLoss: 'bce' });
    const loss = made.step(batch);
    const free = SEQUENCES.map((sequence) =>
      [0, 1, 2, 3, 4, 5, 6].filter((item) => !sequence.includes(item)),
    );
    // Of the first user one item is left; those of the others are drawn, and found by trying all.
    const tries = free[1].flatMap((a) =>
      free[3].flatMap((b) => free[3].map((c) => [[4, 4, 4, 4, 4], [a], [], [b, c]])),
    );
    const losses = tries.map((negatives) => sasRecLoss(model, SEQUENCES, 2, negatives).loss);
    expect(losses.reduce((least, value) => Math.min(least, Math.abs(value - loss)), 1)).toBeLessThan(1e-5);
  });

  it('drops other values in every update, and none where dropout is 0', () => {
    const model = smallSasRec(NUM_ITEMS, 6, 5);
    const run = (own: Partial<typeof DEFAULTS>) => {
      const { made, batch } = opened(model, 2, { optimizer: { name: 'sgd', learningRate: 1e-9 }, ...own });
      return [made.step(batch), made.step(batch)];
    };
    const [first, second] = run({ hiddenDropout: 0.5 });
    expect(second).not.toBeCloseTo(first, 3);
    expect(run({ hiddenDropout: 0.5 })).toEqual([first, second]);
    expect(run({ hiddenDropout: 0.5, seed: 2 })[0]).not.toBeCloseTo(first, 3);
    const [plain, again] = run({ hiddenDropout: 0 });
    expect(again).toBeCloseTo(plain, 6);
  });

  it('takes the gradient of its items on to the map of their text vectors', () => {
    const model = smallSasRec(NUM_ITEMS, 6, 5);
    const width = 4;
    const features = Float32Array.from({ length: NUM_ITEMS * width }, (_, n) => Math.sin(2.3 * n));
    const start = Float32Array.from({ length: 6 * width }, (_, n) => Math.cos(1.1 * n));
    const items = Float64Array.from({ length: NUM_ITEMS * 6 }, (_, n) => {
      const [item, c] = [Math.floor(n / 6), n % 6];
      return start
        .subarray(c * width, (c + 1) * width)
        .reduce((sum, weight, k) => sum + weight * features[item * width + k], 0);
    });
    const { made, batch } = opened({ ...model, items: { ...model.items, data: items } }, 2, {
      adapter: { features, width, start },
    });
    // Rows of items, the map, then the tables of the transformer.
    const own = made.parameters.values();
    const tables = packed(model, 2).subarray(items.length);
    own.set(tables, own.length - tables.length);
    own.set(items);
    own.set(start, items.length);
    made.parameters.setValues(own);
    const held = { ...model, items: { ...model.items, data: items } };
    const expected = sasRecLoss(held, SEQUENCES, 2);
    expect(made.step(batch)).toBeCloseTo(expected.loss, 5);
    const after = made.parameters.itemMap()!.linear;
    for (let n = 0; n < start.length; n++) {
      const [c, k] = [Math.floor(n / width), n % width];
      let slope = 0;
      for (let item = 0; item < NUM_ITEMS; item++)
        slope += expected.gradient.items.data[item * 6 + c] * features[item * width + k];
      expect(start[n] - after[n]).toBeCloseTo(slope, 5);
    }
  });
});
