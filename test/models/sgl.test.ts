import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/data/graph.ts';
import type { ModelOptions } from '../../src/models/descriptor.ts';
import { views as viewsBy } from '../../src/models/encoders/viewEncoder.ts';
import type { View } from '../../src/models/encoders/views.ts';
import { graphModel } from '../../src/models/graphModel.ts';
import { rankingLoss } from '../../src/models/losses/registry.ts';
import { withViewContrast } from '../../src/models/losses/sglLoss.ts';
import { sgl } from '../../src/models/sgl.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { loadGolden } from '../golden.ts';
import {
  adjacency,
  batch,
  e0,
  edges,
  maxDifference,
  numItems,
  numUsers,
  view1,
  view2,
} from '../reference/sample.ts';
import { type Csr, type Matrix, propagate, sglLoss, spmm } from '../reference.ts';
import { type Edges, gradientOf, graphOf, type Nodes, openModel, SGD, trainReference } from './smallGraph.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

type Options = Partial<ModelOptions> & { readonly views?: () => readonly [View, View] };

/** SGL, with the given views in the place of drawn ones. */
function open(graph: Graph, table: Matrix, nodes: Nodes, { views: drawn, ...options }: Options = {}) {
  const loss = withViewContrast(rankingLoss({ reduction: 'sum' }));
  const given = drawn && graphModel({ ...sgl, encoder: viewsBy(drawn), loss });
  return openModel(runtime, given ?? sgl, graph, table, nodes, options);
}

const sampleGraph = () => graphOf(numUsers, numItems, edges);

/** The two views, each the same for all layers. */
function views(lists: readonly Edges[], layers: number, users = numUsers, items = numItems) {
  const [first, second] = lists.map((list): View => {
    const graph = graphOf(users, items, list).adjacency;
    return Array.from({ length: layers }, () => graph);
  });
  return () => [first, second] as const;
}

const sampleViews = (layers: number) => views([edges.slice(2), edges.slice(0, -2)], layers);

describe('SGL against the float64 reference', () => {
  for (const layers of [1, 2, 3, 4]) {
    it(`propagates over the whole graph at ${layers} layers`, () => {
      const { model } = open(sampleGraph(), e0, batch, { layers });
      expect(maxDifference(model.propagate().read(), propagate(e0, adjacency, layers).data)).toBeLessThan(
        1e-6,
      );
    });

    it(`has the loss and the gradient at ${layers} layers, isolated nodes and repeats included`, () => {
      const settings = { temperature: 0.3, sslWeight: 0.7 };
      const { model, batch: rows } = open(sampleGraph(), e0, batch, {
        ...settings,
        layers,
        regularization: { weight: 0.03, form: 'norm' },
        optimizer: SGD,
        views: sampleViews(layers),
      });
      const options = { ...settings, layers, reg: 0.03, numUsers };
      const expected = sglLoss(e0, adjacency, [view1, view2], batch, options);
      expect(Math.abs(model.step(rows) - expected.loss)).toBeLessThan(1e-5);
      const largest = Math.max(1, ...expected.gradient.data.map(Math.abs));
      const error = maxDifference(gradientOf(model, e0.data), expected.gradient.data);
      expect(error / largest).toBeLessThan(1e-5);
    });
  }

  it('takes 20 Adam steps as the plain form does, within 1e-5', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { layers: 3, views: sampleViews(3) });
    const options = { layers: 3, reg: 1e-5, numUsers, temperature: 0.2, sslWeight: 0.05 };
    const expected = trainReference(e0, 20, (m) => sglLoss(m, adjacency, [view1, view2], batch, options));
    for (const loss of expected.losses) expect(model.step(rows)).toBeCloseTo(loss, 4);
    expect(maxDifference(model.parameters.values(), expected.parameters)).toBeLessThan(1e-5);
  });

  it('is BPR as a sum when the contrastive loss has no weight', () => {
    const { model, batch: rows } = open(sampleGraph(), e0, batch, { sslWeight: 0, optimizer: SGD });
    const options = { layers: 2, reg: 1e-5, numUsers, temperature: 0.2, sslWeight: 0 };
    const expected = sglLoss(e0, adjacency, [view1, view2], batch, options);
    expect(model.step(rows)).toBeCloseTo(expected.bpr + 1e-5 * expected.emb, 5);
    expect(maxDifference(gradientOf(model, e0.data), expected.gradient.data)).toBeLessThan(1e-5);
  });
});

describe('SGL with one graph per layer', () => {
  const layerEdges = [edges.slice(1), edges.slice(0, -1), edges.slice(3)];
  const layerGraphs = (layers: number) =>
    layerEdges.slice(0, layers).map((list) => graphOf(numUsers, numItems, list));
  /** Σ of the layers / (L+1), layer by layer. */
  const layered = (graphs: readonly Csr[]) => {
    const sum = Float64Array.from(e0.data);
    let x = e0;
    for (const graph of graphs) {
      x = spmm(graph, x);
      x.data.forEach((value, n) => {
        sum[n] += value;
      });
    }
    return sum.map((value) => value / (graphs.length + 1));
  };

  for (const layers of [1, 2, 3]) {
    it(`has the gradient of its loss by finite differences at ${layers} layers`, () => {
      const graphs = layerGraphs(layers).map(({ adjacency: a }) => a);
      const options: Options = {
        layers,
        augmentation: 'RW',
        temperature: 0.5,
        sslWeight: 1,
        optimizer: SGD,
        views: () => [graphs, [...graphs].reverse()],
      };
      const lossAt = (data: Float64Array) => {
        const { model, batch: rows } = open(sampleGraph(), { ...e0, data }, batch, options);
        return model.step(rows);
      };
      const { model, batch: rows } = open(sampleGraph(), e0, batch, options);
      model.step(rows);
      const gradient = gradientOf(model, e0.data);
      const step = 2 ** -7;
      for (let n = 0; n < e0.data.length; n += 3) {
        const at = (delta: number) => lossAt(e0.data.with(n, e0.data[n] + delta));
        const slope = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
        expect(Math.abs(gradient[n] - slope), `element ${n}`).toBeLessThan(2e-3);
      }
    });
  }

  it('uses the graph of each layer in its place', () => {
    const graphs = layerGraphs(3).map(({ adjacency: a }) => a);
    const swapped = [graphs[1], graphs[0], graphs[2]];
    const lossOf = (view: View) => {
      const { model, batch: rows } = open(sampleGraph(), e0, batch, {
        layers: 3,
        augmentation: 'RW',
        sslWeight: 1,
        views: () => [view, view],
      });
      return model.step(rows);
    };
    expect(maxDifference(layered(graphs), layered(swapped))).toBeGreaterThan(0.01);
    expect(Math.abs(lossOf(graphs) - lossOf(swapped))).toBeGreaterThan(1e-3);
  });
});

describe('SGL views', () => {
  it('are drawn anew each epoch and again the same for the same epoch', () => {
    const run = (epoch: number) => {
      const { model, batch: rows } = open(sampleGraph(), e0, batch, { dropout: 0.5 });
      model.beginEpoch(epoch);
      return model.step(rows);
    };
    expect(run(3)).toBe(run(3));
    expect(new Set([1, 2, 3, 4].map(run)).size).toBeGreaterThan(1);
  });
});

describe('SGL arguments', () => {
  it('refuses no layers, an unknown augmentation and a dropout outside [0, 1)', () => {
    expect(() => open(sampleGraph(), e0, batch, { layers: 0 })).toThrow(/layers to be an integer ≥ 1/);
    expect(() => open(sampleGraph(), e0, batch, { augmentation: 'XX' as never })).toThrow(/ED, ND or RW/);
    for (const dropout of [-0.1, 1, Number.NaN]) {
      expect(() => open(sampleGraph(), e0, batch, { dropout })).toThrow(/dropout to be a number in \[0, 1\)/);
    }
  });
});

const golden = loadGolden();
describe('SGL against the golden values', () => {
  const make = (options: Options) => {
    const { numUsers: users, numItems: items, edges: pairs, e0: table, batch: nodes, layers } = golden;
    const { temperature, sslWeight } = golden;
    return open(graphOf(users, items, pairs), table, nodes, {
      layers,
      temperature,
      sslWeight,
      views: views(golden.views, layers, users, items),
      ...options,
    });
  };

  it('has the gradient within 1e-5', () => {
    const { model, batch: rows } = make({ optimizer: SGD });
    model.step(rows);
    expect(maxDifference(gradientOf(model, golden.e0.data), golden.sgl.gradient.data)).toBeLessThan(1e-5);
  });

  it('has the losses and the parameters of three Adam steps within 1e-5', () => {
    const { model, batch: rows } = make({});
    for (const expected of golden.sgl.losses) {
      expect(Math.abs(model.step(rows) - expected)).toBeLessThan(1e-5);
    }
    expect(maxDifference(model.parameters.values(), golden.sgl.paramsAfter3.data)).toBeLessThan(1e-5);
  });
});
