import { beforeAll, describe, expect, it } from 'vitest';
import { REGULARIZATION } from '../../src/models/losses/regularization.ts';
import { ADAM } from '../../src/models/parameters/optimizer.ts';
import { createModel, MODELS, modelBytes } from '../../src/models/registry.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { randomIndices } from '../kernels/harness.ts';
import { graphOf } from './smallGraph.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

describe('modelBytes', () => {
  const sizes = [
    { users: 3, items: 2, edges: 5, dim: 3, batchSize: 2 },
    { users: 400, items: 900, edges: 5000, dim: 20, batchSize: 64 },
    { users: 900, items: 300, edges: 3000, dim: 64, batchSize: 1024 },
  ];
  for (const model of MODELS) {
    it(`is what ${model} takes or up to a tenth more`, () => {
      for (const { users, items, edges, dim, batchSize } of sizes) {
        const pairs = new Set(randomIndices(edges, users * items));
        const graph = graphOf(
          users,
          items,
          Array.from(pairs, (p) => [Math.floor(p / items), p % items]),
        );
        for (const layers of model === 'bpr-mf' ? [0] : [1, 2, 4]) {
          for (const augmentation of ['ED', 'RW'] as const) {
            const options = {
              ...{ model, layers, batchSize, augmentation, dropout: 0.1, temperature: 0.2, sslWeight: 0.05 },
              ...{ seed: 1, optimizer: ADAM, regularization: REGULARIZATION, loss: { name: 'bpr' } as const },
            };
            const workspace = runtime.open();
            const before = workspace.usedBytes;
            createModel(workspace, graph, new Float32Array(graph.numNodes * dim), dim, options);
            const taken = workspace.usedBytes - before;
            const bytes = modelBytes(graph, dim, options);
            const what = `${users} × ${items}, dim ${dim}, ${layers} layers, ${augmentation}`;
            expect(bytes, what).toBeGreaterThanOrEqual(taken);
            expect(bytes, what).toBeLessThan(taken * 1.1 + 20_000);
          }
        }
      }
    });
  }
});
