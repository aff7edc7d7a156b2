import { beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/data/graph.ts';
import { ADAM, type OptimizerOptions } from '../../src/models/parameters/optimizer.ts';
import type { ModelName } from '../../src/models/registry.ts';
import { createModel } from '../../src/models/registry.ts';
import { PANEL_COLUMNS } from '../../src/runtime/constants.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { resolveFitOptions } from '../../src/train/fitOptions.ts';
import { randomIndices, randomValues } from '../kernels/harness.ts';
import { maxDifference } from '../reference/sample.ts';
import { plantedSplit } from './planted.ts';
import { batchOf } from './smallGraph.ts';

const SGD = { name: 'sgd', learningRate: 0.1 } as const;

const DIM = 32;
const BATCH = 64;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

const graph = new Graph(plantedSplit(40, 25, 9).train);
const initial = randomValues(graph.numNodes * DIM, 1, -0.3, 0.3);

/** A model after some steps, with its tables in panels or row-major. */
function train(
  model: ModelName,
  layers: number,
  inPanels: boolean,
  { frozenColumns = 0, optimizer = { ...ADAM, learningRate: 0.01 } as OptimizerOptions } = {},
) {
  const workspace = runtime.open();
  workspace.panelBytes = inPanels ? 0 : Number.POSITIVE_INFINITY;
  const options = resolveFitOptions({ model, layers, batchSize: BATCH, optimizer, frozenColumns });
  const trained = createModel(workspace, graph, initial, DIM, options);
  expect(workspace.table(graph.numNodes, DIM).panels).toBe(inPanels ? DIM / PANEL_COLUMNS : 1);
  const losses: number[] = [];
  for (let step = 0; step < 6; step++) {
    const users = randomIndices(BATCH, graph.numUsers, step);
    const items = [7, 8].map((round) =>
      randomIndices(BATCH, graph.numItems, 10 * step + round).map((item) => graph.numUsers + item),
    );
    const batch = batchOf(workspace, { users, positives: items[0], negatives: items[1] });
    losses.push(trained.step(batch));
  }
  return { model: trained, losses, tables: trained.parameters.state() };
}

describe('models with tables in panels', () => {
  // SGL and models of fewer than two layers keep row-major tables, whatever the size.
  for (const [model, layers] of [
    ['lightgcn', 2],
    ['lightgcn', 3],
    ['lightgcn', 4],
    ['sgcl', 2],
    ['mixsgcl', 2],
    ['sgl', 2],
    ['bpr-mf', 0],
    ['lightgcn', 1],
  ] as const) {
    it(`train as row-major ones: ${model}, ${layers} layers`, () => {
      const [panels, rows] = [train(model, layers, true), train(model, layers, false)];
      panels.losses.forEach((loss, step) => {
        expect(loss).toBeCloseTo(rows.losses[step], 4);
      });
      expect(maxDifference(panels.model.parameters.values(), rows.model.parameters.values())).toBeLessThan(
        2e-6,
      );
      expect(maxDifference(panels.tables.m.values, rows.tables.m.values)).toBeLessThan(1e-5);
      expect(maxDifference(panels.model.propagate().read(), rows.model.propagate().read())).toBeLessThan(
        2e-6,
      );
    });
  }

  it('keep frozen columns, across a panel too', () => {
    for (const frozenColumns of [5, 16, 20]) {
      const values = train('lightgcn', 2, true, { frozenColumns }).model.parameters.values();
      for (let n = 0; n < values.length; n++) {
        if (n % DIM < frozenColumns) expect(values[n]).toBe(initial[n]);
        else if (n % DIM === frozenColumns) expect(values[n]).not.toBe(initial[n]);
      }
    }
  });

  it('descend by SGD and take up a saved state to the byte', () => {
    const { model, tables } = train('lightgcn', 2, true, { optimizer: SGD });
    const expected = train('lightgcn', 2, false, { optimizer: SGD }).model.parameters.values();
    expect(maxDifference(model.parameters.values(), expected)).toBeLessThan(2e-6);
    const other = train('lightgcn', 2, true).model;
    other.parameters.restore(tables, 6);
    expect(other.parameters.state()).toEqual(tables);
    expect(other.propagate().read()).toEqual(model.propagate().read());
  });
});
