import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/data/graph.ts';
import type { ModelOptions } from '../../src/models/descriptor.ts';
import { sgcl } from '../../src/models/sgcl.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadGolden } from '../golden.ts';
import { adjacency, batch, e0, edges, maxDifference, numItems, numUsers } from '../reference/sample.ts';
import { type Matrix, propagate, sgclLoss } from '../reference.ts';
import { gradientOf, graphOf, type Nodes, openModel, SGD, trainReference } from './smallGraph.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

function open(graph: Graph, table: Matrix, nodes: Nodes, options: Partial<ModelOptions> = {}) {
  return openModel(runtime, sgcl, graph, table, nodes, options);
}

const sampleGraph = () => graphOf(numUsers, numItems, edges);

describe('SGCL against the float64 reference', () => {
  for (const layers of [0, 1, 2, 3]) {
    it(`propagates as LightGCN does at ${layers} layers`, () => {
      const { model } = open(sampleGraph(), e0, batch, { layers });
      expect(maxDifference(model.propagate().read(), propagate(e0, adjacency, layers).data)).toBeLessThan(
        1e-6,
      );
    });

    for (const temperature of [0.05, 0.2, 1]) {
      it(`has the loss and the gradient at ${layers} layers and τ = ${temperature}, isolated nodes included`, () => {
        const { model, batch: rows } = open(sampleGraph(), e0, batch, {
          layers,
          temperature,
          optimizer: SGD,
        });
        const expected = sgclLoss(e0, adjacency, batch, { layers, temperature });
        expect(model.step(rows) / expected.loss).toBeCloseTo(1, 5);
        const largest = expected.gradient.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
        const error = maxDifference(gradientOf(model, e0.data), expected.gradient.data);
        expect(error / largest).toBeLessThan(1e-5);
      });
    }
  }

  it('reads no negatives', () => {
    const run = (negatives: readonly number[]) => {
      const { model, batch: rows } = open(sampleGraph(), e0, { ...batch, negatives });
      model.step(rows);
      return model.parameters.values();
    };
    expect(run(batch.negatives.map(() => 123456))).toEqual(run(batch.negatives));
  });

  it('takes 20 Adam steps as the plain form does, within 1e-5', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { layers: 3 });
    const expected = trainReference(e0, 20, (m) =>
      sgclLoss(m, adjacency, batch, { layers: 3, temperature: 0.2 }),
    );
    for (const loss of expected.losses) expect(model.step(rows)).toBeCloseTo(loss, 3);
    expect(maxDifference(model.parameters.values(), expected.parameters)).toBeLessThan(1e-5);
  });
});

describe('SGCL arguments', () => {
  it('refuses a temperature below 0.01', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { temperature: 0 });
    expect(() => model.step(rows)).toThrow(/temperature/);
  });

  it('refuses layers below 0', () => {
    expect(() => open(sampleGraph(), e0, batch, { layers: -1 })).toThrow(/layers/);
  });
});

const golden = loadGolden();
describe('SGCL against the golden values', () => {
  const make = (options: Partial<ModelOptions>) => {
    const { numUsers: users, numItems: items, edges: pairs, e0: table, batch: nodes, layers } = golden;
    const { temperature } = golden;
    return open(graphOf(users, items, pairs), table, nodes, { layers, temperature, ...options });
  };

  it('has the gradient within 1e-5', () => {
    const { model, batch: rows } = make({ optimizer: SGD });
    model.step(rows);
    expect(maxDifference(gradientOf(model, golden.e0.data), golden.sgcl.gradient.data)).toBeLessThan(1e-5);
  });

  it('has the losses and the parameters of three Adam steps within 1e-5', () => {
    const { model, batch: rows } = make({});
    for (const expected of golden.sgcl.losses) {
      expect(Math.abs(model.step(rows) - expected)).toBeLessThan(1e-5);
    }
    expect(maxDifference(model.parameters.values(), golden.sgcl.paramsAfter3.data)).toBeLessThan(1e-5);
  });
});
