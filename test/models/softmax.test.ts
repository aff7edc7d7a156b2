import { describe, expect, it } from 'vitest';
import { bprMf, lightgcn } from '../../src/models/lightgcn.ts';
import type { LossOptions } from '../../src/models/losses/registry.ts';
import { load } from '../../src/runtime/load.ts';
import { adjacency, batch, e0, edges, numItems, numUsers } from '../reference/sample.ts';
import { normalizedRows, propagate, rowOf } from '../reference.ts';
import { graphOf, openModel } from './smallGraph.ts';

const runtime = await load();
const graph = graphOf(numUsers, numItems, edges);

/** −log of the softmax in float64, by plain loops over the pairs, without regularisation. */
function softmaxLoss(layers: number, loss: Extract<LossOptions, { name: 'softmax' }>): number {
  const { similarity = 'cosine', candidates = 'in-batch', softmaxTemperature } = loss;
  const temperature = softmaxTemperature ?? (similarity === 'cosine' ? 0.2 : 1);
  const z = propagate(e0, adjacency, layers);
  const rows = similarity === 'cosine' ? normalizedRows(z) : z;
  const count = batch.users.length;
  const sampled = candidates === 'sampled';
  // Every occurrence of a candidate, repeats included.
  const drawn = [...batch.positives, ...(sampled ? batch.negatives : [])];
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
  batch.users.forEach((user, b) => {
    const total = pool.reduce((partial, node) => partial + Math.exp(logit(user, node)), 0);
    sum += Math.log(total) - logit(user, batch.positives[b]);
  });
  return sum / count;
}

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
});
