import { beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/data/graph.ts';
import { IdTable } from '../../src/data/idTable.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { ADAM, type OptimizerOptions } from '../../src/models/parameters/optimizer.ts';
import type { ModelName } from '../../src/models/registry.ts';
import { PANEL_COLUMNS } from '../../src/runtime/constants.ts';
import { load, type Runtime } from '../../src/runtime/load.ts';
import { resolveFitOptions } from '../../src/train/fitOptions.ts';
import { randomIndices, randomValues } from '../kernels/harness.ts';
import { maxDifference } from '../reference/sample.ts';
import { plantedSplit } from './planted.ts';
import { batchOf, createModel } from './smallGraph.ts';

const SGD = { name: 'sgd', learningRate: 0.1 } as const;

const DIM = 32;
const BATCH = 64;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await load();
});

const { train: small } = plantedSplit(40, 25, 9);
/** Items that nobody has: their rows make the tables so large that they lie in panels, and change nothing else. */
const UNKNOWN = 17_000;
const withUnknown = new Interactions({
  userTable: small.userTable,
  itemTable: IdTable.of([...small.itemIds, ...Array.from({ length: UNKNOWN }, (_, n) => `unknown ${n}`)]),
  ...{ users: small.users, items: small.items },
});
const GRAPHS = { panels: new Graph(withUnknown), rows: new Graph(small) };
const NODES = GRAPHS.rows.numNodes;
const initial = randomValues(GRAPHS.panels.numNodes * DIM, 1, -0.3, 0.3);

/** A model after some steps, with its tables in panels or row-major. */
function train(
  model: ModelName,
  layers: number,
  layout: keyof typeof GRAPHS,
  { frozenColumns = 0, optimizer = { ...ADAM, learningRate: 0.01 } as OptimizerOptions } = {},
) {
  const workspace = runtime.open();
  const graph = GRAPHS[layout];
  const options = resolveFitOptions({ model, layers, batchSize: BATCH, optimizer, frozenColumns });
  const trained = createModel(workspace, graph, initial.slice(0, graph.numNodes * DIM), DIM, options);
  expect(workspace.table(graph.numNodes, DIM).panels).toBe(layout === 'panels' ? DIM / PANEL_COLUMNS : 1);
  const losses: number[] = [];
  for (let step = 0; step < 6; step++) {
    const users = randomIndices(BATCH, small.numUsers, step);
    const items = [7, 8].map((round) =>
      randomIndices(BATCH, small.numItems, 10 * step + round).map((item) => small.numUsers + item),
    );
    const batch = batchOf(workspace, { users, positives: items[0], negatives: items[1] });
    losses.push(trained.step(batch));
  }
  return { model: trained, losses, tables: trained.parameters.state() };
}

/** Rows of the nodes that both graphs have. */
function shared(values: Float32Array): Float32Array {
  return values.subarray(0, NODES * DIM);
}

describe('models with tables in panels', () => {
  // Models of fewer than two layers keep row-major tables, whatever the size; so does SGL, which compares all nodes.
  for (const [model, layers] of [
    ['lightgcn', 2],
    ['lightgcn', 3],
    ['lightgcn', 4],
    ['sgcl', 2],
    ['mixsgcl', 2],
    ['bpr-mf', 0],
    ['lightgcn', 1],
  ] as const) {
    it(`train as row-major ones: ${model}, ${layers} layers`, () => {
      const [panels, rows] = [train(model, layers, 'panels'), train(model, layers, 'rows')];
      panels.losses.forEach((loss, step) => {
        expect(loss).toBeCloseTo(rows.losses[step], 4);
      });
      const off = (what: (one: typeof rows) => Float32Array) =>
        maxDifference(shared(what(panels)), shared(what(rows)));
      expect(off(({ model }) => model.parameters.values())).toBeLessThan(2e-6);
      expect(off(({ tables }) => tables.m.values)).toBeLessThan(1e-5);
      expect(off(({ model }) => model.propagate().read())).toBeLessThan(2e-6);
    });
  }

  it('keep frozen columns, across a panel too', () => {
    for (const frozenColumns of [5, 16, 20]) {
      const values = train('lightgcn', 2, 'panels', { frozenColumns }).model.parameters.values();
      for (let n = 0; n < NODES * DIM; n++) {
        if (n % DIM < frozenColumns) expect(values[n]).toBe(initial[n]);
        else if (n % DIM === frozenColumns) expect(values[n]).not.toBe(initial[n]);
      }
    }
  });

  it('descend by SGD and take up a saved state to the byte', () => {
    const { model, tables } = train('lightgcn', 2, 'panels', { optimizer: SGD });
    const expected = train('lightgcn', 2, 'rows', { optimizer: SGD }).model.parameters.values();
    expect(maxDifference(shared(model.parameters.values()), expected)).toBeLessThan(2e-6);
    const other = train('lightgcn', 2, 'panels').model;
    other.parameters.restore(tables, 6);
    // Bytes of whole tables, which `toEqual` would take apart number by number.
    const bytes = ({ buffer }: Float32Array) => Buffer.from(buffer);
    const state = Object.entries(other.parameters.state());
    expect(state.length).toBeGreaterThan(0);
    for (const [name, { values }] of state)
      expect(bytes(values).equals(bytes(tables[name].values)), name).toBe(true);
    expect(bytes(other.propagate().read()).equals(bytes(model.propagate().read()))).toBe(true);
  });
});
