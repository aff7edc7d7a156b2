import { describe, expect, it } from 'vitest';
import { loadGolden } from './golden.ts';
import { adjacency, batch, e0, maxDifference, numUsers, sample, view1, view2 } from './reference/sample.ts';
import {
  adamState,
  adamStep,
  bprLoss,
  type Edge,
  embLoss,
  infoNce,
  type LossAndGradient,
  lightGcnLoss,
  type Matrix,
  normalizedAdjacency,
  normalizedRowsBackward,
  propagate,
  sgclLoss,
  sgclRowsLoss,
  sglLoss,
  toDense,
  toMatrix,
} from './reference.ts';

/** ∂f/∂m by central differences. */
function numericalGradient(f: (m: Matrix) => number, m: Matrix, step = 1e-5): Float64Array {
  return m.data.map((value, n) => {
    const at = (x: number) => f({ ...m, data: m.data.with(n, x) });
    return (at(value + step) - at(value - step)) / (2 * step);
  });
}

describe('gradients of the reference', () => {
  const lightgcn = { layers: 2, reg: 0.3 };
  const sgl = { ...lightgcn, numUsers, temperature: 0.3, sslWeight: 0.7 };
  const losses: Record<string, (m: Matrix) => LossAndGradient> = {
    'BPR with γ': (m) => bprLoss(m, batch, 0.1),
    'BPR without γ': (m) => bprLoss(m, batch, 0),
    'the embedding loss': (m) => embLoss(m, batch),
    'LightGCN at 2 layers': (m) => lightGcnLoss(m, adjacency, batch, lightgcn),
    'BPR-MF, which is LightGCN at 0 layers': (m) =>
      lightGcnLoss(m, adjacency, batch, { ...lightgcn, layers: 0 }),
    SGL: (m) => sglLoss(m, adjacency, [view1, view2], batch, sgl),
    SGCL: (m) => sgclLoss(m, adjacency, batch, { layers: 3, temperature: 0.4 }),
  };
  for (const [name, loss] of Object.entries(losses)) {
    it(`agree with finite differences for ${name}`, () => {
      const numerical = numericalGradient((m) => loss(m).loss, e0);
      expect(Math.max(...numerical.map(Math.abs))).toBeGreaterThan(0.01);
      expect(maxDifference(loss(e0).gradient.data, numerical)).toBeLessThan(1e-8);
    });
  }

  it('agree with finite differences for both sides of InfoNCE', () => {
    const [anchors, candidates, positives] = [sample(4, 3), sample(6, 3, 1), [5, 0, 0, 2]];
    const { dAnchors, dCandidates } = infoNce(anchors, candidates, positives, 0.5);
    const byAnchors = numericalGradient((m) => infoNce(m, candidates, positives, 0.5).loss, anchors);
    const byCandidates = numericalGradient((m) => infoNce(anchors, m, positives, 0.5).loss, candidates);
    expect(maxDifference(dAnchors.data, byAnchors)).toBeLessThan(1e-8);
    expect(maxDifference(dCandidates.data, byCandidates)).toBeLessThan(1e-8);
  });

  it('agree with finite differences for both sides of the SGCL rows', () => {
    const [users, items] = [sample(4, 3), sample(4, 3, 1)];
    const { dUsers, dItems } = sgclRowsLoss(users, items, 0.5);
    const byUsers = numericalGradient((m) => sgclRowsLoss(m, items, 0.5).loss, users);
    const byItems = numericalGradient((m) => sgclRowsLoss(users, m, 0.5).loss, items);
    expect(maxDifference(dUsers.data, byUsers)).toBeLessThan(1e-8);
    expect(maxDifference(dItems.data, byItems)).toBeLessThan(1e-8);
  });

  it('are 0 for a zero row under normalisation and under the embedding loss', () => {
    const zero = toMatrix([0, 0, 0], 1, 3);
    const one = { users: [0], positives: [0], negatives: [0] };
    expect([...normalizedRowsBackward(zero, sample(1, 3)).data]).toEqual([0, 0, 0]);
    expect([...embLoss(zero, one).gradient.data]).toEqual([0, 0, 0]);
  });
});

const g = loadGolden();

describe('the reference against the golden values', () => {
  const graph = (list: readonly Edge[], epsilon = g.degreeEpsilon) =>
    normalizedAdjacency(g.numUsers, g.numItems, list, epsilon);

  /** Three Adam steps on the same batch. */
  function train(loss: (m: Matrix) => LossAndGradient): { losses: number[]; params: Float64Array } {
    const params = toMatrix(g.e0.data, g.e0.rows, g.e0.cols);
    const state = adamState(params.data.length);
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const { loss: value, gradient } = loss(params);
      losses.push(value);
      adamStep(params.data, gradient.data, state, g.adam);
    }
    return { losses, params: params.data };
  }

  const models = (epsilon?: number) => ({
    lightgcn: (m: Matrix) => lightGcnLoss(m, graph(g.edges, epsilon), g.batch, g),
    sgl: (m: Matrix) =>
      sglLoss(m, graph(g.edges, epsilon), [graph(g.views[0], epsilon), graph(g.views[1], epsilon)], g.batch, {
        ...g,
        gamma: 0,
      }),
    sgcl: (m: Matrix) => sgclLoss(m, graph(g.edges, epsilon), g.batch, g),
  });

  it('normalises the adjacency as RecBole does, and to 2e-8 with exact degrees', () => {
    expect(maxDifference(toDense(graph(g.edges)).data, g.adjacency.data)).toBeLessThan(1e-15);
    expect(maxDifference(toDense(graph(g.edges, 0)).data, g.adjacency.data)).toBeLessThan(2e-8);
  });

  it('propagates over the graph and both views', () => {
    const lists = [g.edges, ...g.views];
    for (const [n, expected] of [g.forward, ...g.forwardViews].entries()) {
      expect(maxDifference(propagate(g.e0, graph(lists[n]), g.layers).data, expected.data)).toBeLessThan(
        1e-14,
      );
    }
  });

  it('gives every part of the losses', () => {
    const lightgcn = models().lightgcn(g.e0);
    const sgl = models().sgl(g.e0);
    const actual = [lightgcn.bpr, lightgcn.emb, sgl.bpr, sgl.emb, sgl.nceUser, sgl.nceItem];
    const expected = [g.lightgcn.bpr, g.lightgcn.emb, g.sgl.bpr, g.sgl.emb, g.sgl.nceUser, g.sgl.nceItem];
    expect(maxDifference(actual, expected)).toBeLessThan(1e-13);
  });

  for (const name of ['lightgcn', 'sgl', 'sgcl'] as const) {
    it(`gives the gradient, three losses and the parameters after three Adam steps of ${name}`, () => {
      const loss = models()[name];
      const { losses, params } = train(loss);
      expect(maxDifference(loss(g.e0).gradient.data, g[name].gradient.data)).toBeLessThan(1e-13);
      expect(maxDifference(losses, g[name].losses)).toBeLessThan(1e-11);
      expect(maxDifference(params, g[name].paramsAfter3.data)).toBeLessThan(1e-11);
    });

    it(`stays within 1e-6 of the golden run of ${name} with exact degrees`, () => {
      const { losses, params } = train(models(0)[name]);
      expect(maxDifference(losses, g[name].losses)).toBeLessThan(1e-6);
      expect(maxDifference(params, g[name].paramsAfter3.data)).toBeLessThan(1e-6);
    });
  }
});
