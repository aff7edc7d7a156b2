import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/data/graph.ts';
import type { ModelOptions } from '../../src/models/descriptor.ts';
import { LAYERS } from '../../src/models/encoders/layerEncoder.ts';
import { graphModel } from '../../src/models/graphModel.ts';
import { type DrawMixtures, mixsgclLoss } from '../../src/models/losses/mixsgclLoss.ts';
import { mixsgcl } from '../../src/models/mixsgcl.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { adjacency, batch, e0, edges, maxDifference, numItems, numUsers } from '../reference/sample.ts';
import {
  adamState,
  adamStep,
  axpy,
  gatherRows,
  type Matrix,
  normalizedRows,
  plus,
  propagate,
  rowOf,
  scaled,
  sgclRowsLoss,
  spmm,
  zeros,
} from '../reference.ts';
import { gradientOf, graphOf, type Nodes, openModel, SGD } from './smallGraph.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

/** Numbers in [0, 1) that are the same in every run; another start, other numbers. */
function numbers(start: number): () => number {
  let n = start;
  return () => Math.fround((0.5 + 0.5 * Math.sin(2.3 * n++)) * 0.999);
}

/** MixSGCL with the given draws in the place of random ones; null: with random ones. */
function open(
  graph: Graph,
  table: Matrix,
  nodes: Nodes,
  options: Partial<ModelOptions> = {},
  draws: DrawMixtures | null = (_seed, step) => numbers(1000 * step),
) {
  const given = draws && graphModel({ ...mixsgcl, encoder: LAYERS, loss: mixsgclLoss(draws) });
  return openModel(runtime, given ?? mixsgcl, graph, table, nodes, options);
}

const sampleGraph = () => graphOf(numUsers, numItems, edges);

/** The loss in float64, by plain loops over whole tables, mixtures drawn in the order of the batch. */
function mixLoss(table: Matrix, layers: number, temperature: number, draw: () => number): number {
  const levels = [table];
  for (let layer = 0; layer < layers; layer++) levels.push(spmm(adjacency, levels[layer]));
  const mean = scaled(levels.reduce(plus), 1 / (layers + 1));
  const mixed = zeros(table.rows, table.cols);
  for (const node of new Set([...batch.users, ...batch.positives])) {
    const drawn = levels.map(draw);
    const sum = drawn.reduce((a, b) => a + b);
    levels.forEach((level, l) => {
      axpy(rowOf(mixed, node), drawn[l] / sum, rowOf(level, node));
    });
  }
  const rows = (m: Matrix) => [gatherRows(m, batch.users), gatherRows(m, batch.positives)] as const;
  const [u, i] = rows(mean).map(normalizedRows);
  const ratios = Array.from(batch.users, () => 0.5 * draw());
  const mix = (own: Matrix, other: Matrix) => {
    const out = zeros(own.rows, own.cols);
    ratios.forEach((r, b) => {
      axpy(rowOf(out, b), r, rowOf(own, b));
      axpy(rowOf(out, b), 1 - r, rowOf(other, b));
    });
    return out;
  };
  return [rows(mean), rows(mixed), [mix(u, i), mix(i, u)] as const]
    .map(([users, items]) => sgclRowsLoss(users, items, temperature).loss)
    .reduce((a, b) => a + b);
}

function numericalGradient(f: (data: Float64Array) => number, data: Float64Array, step = 1e-5): Float64Array {
  return data.map((value, n) => (f(data.with(n, value + step)) - f(data.with(n, value - step))) / (2 * step));
}

describe('MixSGCL against a float64 reference', () => {
  for (const layers of [0, 1, 2, 3]) {
    it(`propagates as LightGCN does at ${layers} layers`, () => {
      const { model } = open(sampleGraph(), e0, batch, { layers });
      expect(maxDifference(model.propagate().read(), propagate(e0, adjacency, layers).data)).toBeLessThan(
        1e-6,
      );
    });

    it(`has the loss and the gradient at ${layers} layers, isolated nodes and repeats included`, () => {
      const { model, batch: rows } = open(sampleGraph(), e0, batch, { layers, optimizer: SGD });
      const lossAt = (data: Float64Array) => mixLoss({ ...e0, data }, layers, 0.2, numbers(0));
      expect(model.step(rows) / lossAt(e0.data)).toBeCloseTo(1, 5);
      const expected = numericalGradient(lossAt, e0.data);
      const largest = Math.max(1, ...expected.map(Math.abs));
      expect(maxDifference(gradientOf(model, e0.data), expected) / largest).toBeLessThan(1e-5);
    });
  }

  it('takes 5 Adam steps as the plain form does, with other mixtures in each', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { layers: 2 });
    const data = Float64Array.from(e0.data);
    const state = adamState(data.length);
    for (let step = 0; step < 5; step++) {
      const lossAt = (x: Float64Array) => mixLoss({ ...e0, data: x }, 2, 0.2, numbers(1000 * step));
      expect(model.step(rows) / lossAt(data)).toBeCloseTo(1, 5);
      adamStep(data, numericalGradient(lossAt, data), state, { lr: 1e-3 });
    }
    expect(maxDifference(model.parameters.values(), data)).toBeLessThan(1e-5);
  });
});

describe('MixSGCL mixtures', () => {
  const lossOf = (seed: number, steps = 0) => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { seed }, null);
    model.parameters.restore(model.parameters.state(), steps);
    return model.step(rows);
  };

  it('depend on the seed and on the number of the step alone', () => {
    expect(lossOf(1)).toBe(lossOf(1));
    expect(lossOf(1, 7)).toBe(lossOf(1, 7));
    expect(lossOf(1)).not.toBe(lossOf(2));
    expect(lossOf(1)).not.toBe(lossOf(1, 7));
  });
});
