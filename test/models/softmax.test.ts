import { describe, expect, it } from 'vitest';
import { bprMf, lightgcn } from '../../src/models/lightgcn.ts';
import type { LossOptions } from '../../src/models/losses/registry.ts';
import { load } from '../../src/runtime/load.ts';
import { adjacency, batch, e0, edges, numItems, numUsers } from '../reference/sample.ts';
import { normalizedRows, propagate, rowOf } from '../reference.ts';
import { gradientOf, graphOf, type Nodes, openModel, SGD } from './smallGraph.ts';

const runtime = await load();
const graph = graphOf(numUsers, numItems, edges);

type Softmax = Extract<LossOptions, { name: 'softmax' }>;

/** −log of the softmax in float64, by plain loops over the pairs, without regularisation. */
function softmaxLoss(layers: number, loss: Softmax, table = e0, pairs: Nodes = batch): number {
  const { similarity = 'cosine', candidates = 'in-batch', softmaxTemperature } = loss;
  const temperature = softmaxTemperature ?? (similarity === 'cosine' ? 0.2 : 1);
  const z = propagate(table, adjacency, layers);
  const rows = similarity === 'cosine' ? normalizedRows(z) : z;
  const users = Array.from(pairs.users);
  const positives = Array.from(pairs.positives);
  const count = users.length;
  const sampled = candidates === 'sampled';
  // Every occurrence of a candidate, repeats included.
  const drawn = [...positives, ...(sampled ? Array.from(pairs.negatives) : [])];
  const all = Array.from({ length: numItems }, (_, item) => numUsers + item);
  const pool = candidates === 'all' ? all : drawn;
  const expected = (node: number) => {
    if (candidates === 'all') return 1;
    const popularity = Math.max(1, graph.degrees[node]) / edges.length;
    return count * (popularity + (sampled ? 1 / numItems : 0));
  };
  const logit = (user: number, node: number) => {
    const product = rowOf(rows, user).reduce((sum, value, c) => sum + value * rowOf(rows, node)[c], 0);
    return product / temperature - Math.log(expected(node));
  };
  let sum = 0;
  users.forEach((user, b) => {
    const total = pool.reduce((partial, node) => partial + Math.exp(logit(user, node)), 0);
    sum += Math.log(total) - logit(user, positives[b]);
  });
  return sum / count;
}

/** Each user of the graph with two of its interactions, the first of them twice. */
const REPEATED: Nodes = (() => {
  const own = edges.filter(([user], n) => edges.findIndex(([other]) => other === user) + 1 >= n);
  const pairs = [...own, ...own.slice(0, 5)];
  return {
    users: pairs.map(([user]) => user),
    positives: pairs.map(([, item]) => numUsers + item),
    negatives: pairs.map(([, item]) => numUsers + ((item + 3) % numItems)),
  };
})();

describe('the softmax loss against the float64 reference', () => {
  for (const candidates of ['in-batch', 'sampled', 'all'] as const) {
    for (const similarity of ['cosine', 'dot'] as const) {
      for (const softmaxTemperature of [undefined, 0.02, 0.7]) {
        const loss = { name: 'softmax', candidates, similarity, softmaxTemperature } as const;
        it(`has its value: ${candidates}, ${similarity}, τ ${softmaxTemperature ?? 'by default'}`, () => {
          const regularization = { weight: 0, form: 'norm' } as const;
          for (const [model, layers] of [
            [lightgcn, 2],
            [bprMf, 0],
          ] as const) {
            const opened = openModel(runtime, model, graph, e0, batch, { loss, layers, regularization });
            const expected = softmaxLoss(layers, loss);
            expect(opened.model.step(opened.batch) / expected).toBeCloseTo(1, 4);
          }
        });
      }
    }
  }

  for (const candidates of ['in-batch', 'sampled', 'all'] as const) {
    it(`has its gradient where users have several pairs: ${candidates}`, () => {
      const loss = { name: 'softmax', candidates, similarity: 'cosine' } as const;
      const regularization = { weight: 0, form: 'norm' } as const;
      const own = { loss, layers: 1, regularization, optimizer: SGD };
      const opened = openModel(runtime, lightgcn, graph, e0, REPEATED, own);
      opened.model.step(opened.batch);
      const gradient = gradientOf(opened.model, e0.data);
      const step = 2 ** -10;
      for (let n = 0; n < e0.data.length; n++) {
        const at = (by: number) =>
          softmaxLoss(1, loss, { ...e0, data: e0.data.with(n, e0.data[n] + by) }, REPEATED);
        expect(Math.abs(gradient[n] - (at(step) - at(-step)) / (2 * step)), `element ${n}`).toBeLessThan(
          1e-5,
        );
      }
    });
  }

  it('draws the candidates of a large batch in even blocks of about 512 pairs, those of a user next to each other', () => {
    const pairs = Array.from({ length: 1100 }, (_, b) => edges[b % edges.length]);
    const batch = {
      users: pairs.map(([user]) => user),
      positives: pairs.map(([, item]) => numUsers + item),
      negatives: pairs.map(() => numUsers),
    };
    const loss = { name: 'softmax', candidates: 'in-batch', similarity: 'cosine' } as const;
    const own = { loss, layers: 1, regularization: { weight: 0, form: 'norm' } as const };
    const opened = openModel(runtime, lightgcn, graph, e0, batch, { ...own, batchSize: 1100 });
    // In the order in which their users appear, the pairs of one next to each other.
    const order = [...new Set(batch.users)].flatMap((user) =>
      batch.users.flatMap((other, b) => (other === user ? [b] : [])),
    );
    const block = (first: number, count: number): Nodes => {
      const of = (nodes: readonly number[]) => order.slice(first, first + count).map((b) => nodes[b]);
      return { users: of(batch.users), positives: of(batch.positives), negatives: of(batch.negatives) };
    };
    const blocks = [block(0, 550), block(550, 550)];
    const sum = blocks.reduce((all, nodes) => all + nodes.users.length * softmaxLoss(1, loss, e0, nodes), 0);
    expect(opened.model.step(opened.batch) / (sum / 1100)).toBeCloseTo(1, 4);
  });
});
