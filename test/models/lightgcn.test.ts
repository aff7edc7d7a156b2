import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/data/graph.ts';
import type { ModelOptions } from '../../src/models/descriptor.ts';
import { lightgcn } from '../../src/models/lightgcn.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadGolden } from '../golden.ts';
import { adjacency, batch, e0, edges, maxDifference, numItems, numUsers } from '../reference/sample.ts';
import { adamState, adamStep, lightGcnLoss, type Matrix, propagate, sgdStep } from '../reference.ts';
import { graphOf, type Nodes, openModel, SGD } from './smallGraph.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

function open(graph: Graph, table: Matrix, nodes: Nodes, options: Partial<ModelOptions> = {}) {
  return openModel(runtime, lightgcn, graph, table, nodes, options);
}

const sampleGraph = () => graphOf(numUsers, numItems, edges);

describe('LightGCN against the float64 reference', () => {
  for (const layers of [0, 1, 2, 3, 4]) {
    it(`propagates ${layers} layers, isolated nodes included`, () => {
      const { model } = open(sampleGraph(), e0, batch, { layers });
      expect(maxDifference(model.propagate().read(), propagate(e0, adjacency, layers).data)).toBeLessThan(
        1e-6,
      );
    });

    it(`has the gradient of the loss at ${layers} layers`, () => {
      const regularization = { weight: 0.03, form: 'norm' } as const;
      const { model, batch: rows } = open(sampleGraph(), e0, batch, {
        layers,
        regularization,
        optimizer: SGD,
      });
      const expected = lightGcnLoss(e0, adjacency, batch, { layers, reg: 0.03, gamma: 1e-10 });
      expect(model.step(rows)).toBeCloseTo(expected.loss, 5);
      const gradient = model.parameters.values().map((value, n) => e0.data[n] - value);
      expect(maxDifference(gradient, expected.gradient.data)).toBeLessThan(2e-6);
    });
  }

  it('takes 20 Adam steps as the plain form does, within 1e-5', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { layers: 3 });
    const plain = { ...e0, data: Float64Array.from(e0.data) };
    const state = adamState(plain.data.length);
    for (let step = 0; step < 20; step++) {
      const { gradient } = lightGcnLoss(plain, adjacency, batch, { layers: 3, reg: 1e-5, gamma: 1e-10 });
      adamStep(plain.data, gradient.data, state, { lr: 1e-3 });
      model.step(rows);
    }
    expect(maxDifference(model.parameters.values(), plain.data)).toBeLessThan(1e-5);
  });

  it('halves the squared norms over the batch size in the squared form of the regularisation', () => {
    const nodes = { users: [0], positives: [7], negatives: [8] };
    const regularization = { weight: 0.5, form: 'squared' } as const;
    const run = (weight: number) => {
      const { model, batch: rows } = open(sampleGraph(), e0, nodes, {
        layers: 2,
        regularization: { ...regularization, weight },
        optimizer: SGD,
      });
      const loss = model.step(rows);
      return { loss, parameters: model.parameters.values() };
    };
    const [without, withDecay] = [run(0), run(0.5)];
    let squares = 0;
    for (const node of [0, 7, 8])
      for (let c = 0; c < e0.cols; c++) squares += e0.data[node * e0.cols + c] ** 2;
    expect(withDecay.loss - without.loss).toBeCloseTo((0.5 * squares) / 2, 5);
    for (let n = 0; n < e0.data.length; n++) {
      const node = Math.floor(n / e0.cols);
      const decay = [0, 7, 8].includes(node) ? 0.5 * e0.data[n] : 0;
      expect(without.parameters[n] - withDecay.parameters[n]).toBeCloseTo(decay, 5);
    }
  });

  it('leaves no trace of a batch in the next', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { layers: 2, optimizer: SGD });
    model.step(rows);
    const middle = { ...e0, data: Float64Array.from(model.parameters.values()) };
    sgdStep(middle.data, lightGcnLoss(middle, adjacency, batch, { layers: 2, reg: 1e-5 }).gradient.data, 1);
    model.step(rows);
    expect(maxDifference(model.parameters.values(), middle.data)).toBeLessThan(2e-6);
  });
});

describe('LightGCN arguments', () => {
  it('refuses layers that are no integer ≥ 0', () => {
    expect(() => open(sampleGraph(), e0, batch, { layers: -1 })).toThrow(/layers/);
    expect(() => open(sampleGraph(), e0, batch, { layers: 1.5 })).toThrow(/layers/);
  });

  it('refuses a table with another number of rows than the graph has nodes', () => {
    const short = { ...e0, data: e0.data.slice(5) };
    expect(() => open(sampleGraph(), short, batch)).toThrow(/expected 11 × 5 initial values, received 50/);
  });
});

const golden = loadGolden();
describe('LightGCN against the golden values', () => {
  const make = (options: Partial<ModelOptions>) => {
    const { numUsers: users, numItems: items, edges: pairs, e0: table, batch: nodes, layers } = golden;
    return open(graphOf(users, items, pairs), table, nodes, { layers, ...options });
  };

  it('propagates within 1e-5', () => {
    const { model } = make({});
    expect(maxDifference(model.propagate().read(), golden.forward.data)).toBeLessThan(1e-6);
  });

  it('has the gradient within 1e-5', () => {
    const { model, batch: rows } = make({ optimizer: SGD });
    model.step(rows);
    const gradient = model.parameters.values().map((value, n) => golden.e0.data[n] - value);
    expect(maxDifference(gradient, golden.lightgcn.gradient.data)).toBeLessThan(1e-6);
  });

  it('has the losses and the parameters of three Adam steps within 1e-5', () => {
    const { model, batch: rows } = make({});
    for (const expected of golden.lightgcn.losses)
      expect(Math.abs(model.step(rows) - expected)).toBeLessThan(1e-6);
    expect(maxDifference(model.parameters.values(), golden.lightgcn.paramsAfter3.data)).toBeLessThan(1e-6);
  });
});
