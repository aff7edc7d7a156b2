import { describe, expect, it } from 'vitest';
import type { ModelOptions } from '../../../src/models/descriptor.ts';
import { type AdapterOptions, AdapterTable } from '../../../src/models/parameters/adapterTable.ts';
import { describeModel, MODELS } from '../../../src/models/registry.ts';
import { load } from '../../../src/runtime/load.ts';
import { randomValues } from '../../kernels/harness.ts';
import { batch, edges, numItems, numUsers } from '../../reference/sample.ts';
import { batchOf, createModel, DEFAULTS, graphOf, SGD } from '../smallGraph.ts';

const runtime = await load();
const graph = graphOf(numUsers, numItems, edges);
const { numNodes } = graph;
const dim = 5;
const width = 7;
const hidden = 3;
const features = randomValues(numItems * width, 21);
const users = randomValues(numUsers * dim, 22);
const linear = randomValues(dim * width, 23);
const inner = randomValues(hidden * width, 24);
const outer = randomValues(dim * hidden, 25);

interface Weights {
  readonly linear: ArrayLike<number>;
  /** Null for one layer. */
  readonly inner: ArrayLike<number> | null;
  readonly outer: ArrayLike<number> | null;
}

const WEIGHTS: Record<1 | 2, Weights> = {
  1: { linear, inner: null, outer: null },
  2: { linear, inner, outer },
};

/** x W + relu(x W₁) W₂ of each item, in float64. */
function rowsOf({ linear, inner, outer }: Weights): Float64Array {
  const rows = new Float64Array(numItems * dim);
  for (let item = 0; item < numItems; item++) {
    const units = inner ? unitsOf(inner, item).map((value) => Math.max(0, value)) : [];
    for (let c = 0; c < dim; c++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += linear[c * width + k] * features[item * width + k];
      units.forEach((value, h) => {
        sum += outer![c * hidden + h] * value;
      });
      rows[item * dim + c] = sum;
    }
  }
  return rows;
}

function unitsOf(inner: ArrayLike<number>, item: number): number[] {
  return Array.from({ length: hidden }, (_, h) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += inner[h * width + k] * features[item * width + k];
    return sum;
  });
}

/** Gradients of the weights from that of the items' rows, by the chain rule in float64. */
function chainRule({ inner, outer }: Weights, dRows: ArrayLike<number>) {
  const dLinear = new Float64Array(dim * width);
  const dInner = new Float64Array(hidden * width);
  const dOuter = new Float64Array(dim * hidden);
  for (let item = 0; item < numItems; item++) {
    const units = inner ? unitsOf(inner, item) : [];
    for (let c = 0; c < dim; c++) {
      const d = dRows[item * dim + c];
      for (let k = 0; k < width; k++) dLinear[c * width + k] += d * features[item * width + k];
      units.forEach((value, h) => {
        if (value <= 0) return;
        dOuter[c * hidden + h] += d * value;
        for (let k = 0; k < width; k++)
          dInner[h * width + k] += d * outer![c * hidden + h] * features[item * width + k];
      });
    }
  }
  return { dLinear, dInner, dOuter };
}

function optionsOf(layers: 1 | 2): Omit<ModelOptions, 'layers'> {
  return {
    ...DEFAULTS,
    batchSize: batch.users.length,
    optimizer: SGD,
    regularization: { weight: 0.03, form: 'squared' },
    temperature: 0.2,
    sslWeight: 0.5,
    augmentation: 'ED',
    dropout: 0.2,
    seed: 4,
    loss: { name: 'bpr' },
    adapter: { features, width, start: linear, layers, hidden },
  };
}

/** As `AdapterTable.values` has them: E⁽⁰⁾, then the layers, whose rows are padded to a multiple of 4. */
function packed(weights: Weights): Float32Array {
  const padded = (values: ArrayLike<number> | null, columns: number) => {
    if (!values) return [];
    const rows = Math.ceil(values.length / columns / 4) * 4;
    return Float32Array.from({ length: rows * columns }, (_, at) => values[at] ?? 0);
  };
  return Float32Array.from([
    ...users,
    ...rowsOf(weights),
    ...padded(weights.linear, width),
    ...padded(weights.inner, width),
    ...padded(weights.outer, hidden),
  ]);
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  let largest = 1;
  let error = 0;
  for (let at = 0; at < expected.length; at++) {
    largest = Math.max(largest, Math.abs(expected[at]));
    error = Math.max(error, Math.abs(found[at] - expected[at]));
  }
  expect(error / largest).toBeLessThan(1e-5);
}

/** What one step of SGD by the gradient itself took. */
function taken(before: ArrayLike<number>, after: ArrayLike<number>): Float64Array {
  return Float64Array.from(before, (value, at) => value - after[at]);
}

// A model of sequences has no rows of users: see test/models/sequences.
const OF_GRAPH = MODELS.filter((model) => describeModel(model).kind === 'graph');

describe.each(OF_GRAPH)('the gradient of %s by an adapter', (model) => {
  it.each([1, 2] as const)('is that of a table, taken through the %s layers of the map', (layers) => {
    const weights = WEIGHTS[layers];
    const e0 = Float32Array.from([...users, ...rowsOf(weights)]);
    const options = { ...optionsOf(layers), model, layers: model === 'bpr-mf' ? 0 : 2 };

    const plain = runtime.open();
    const table = createModel(plain, graph, e0, dim, { ...options, adapter: undefined });
    const plainLoss = table.step(batchOf(plain, batch));
    const gradient = taken(e0, table.parameters.values());

    const workspace = runtime.open();
    const adapted = createModel(workspace, graph, e0, dim, options);
    adapted.parameters.setValues(packed(weights));
    expectClose(adapted.parameters.values().subarray(0, e0.length), e0);
    const loss = adapted.step(batchOf(workspace, batch));
    expect(loss / plainLoss).toBeCloseTo(1, 5);

    const after = adapted.parameters.itemMap()!;
    const { dLinear, dInner, dOuter } = chainRule(weights, gradient.subarray(numUsers * dim));
    expect(dLinear.some((value) => Math.abs(value) > 1e-2)).toBe(true);
    expectClose(taken(linear, after.linear), dLinear);
    const ofUsers = gradient.subarray(0, numUsers * dim);
    expectClose(taken(users, adapted.parameters.values().subarray(0, numUsers * dim)), ofUsers);
    expect(after.branch === null).toBe(layers === 1);
    if (after.branch) {
      expect(dInner.some((value) => Math.abs(value) > 1e-2)).toBe(true);
      expectClose(taken(inner, after.branch.inner), dInner);
      expectClose(taken(outer, after.branch.outer), dOuter);
    }
    workspace.close();
    plain.close();
  });
});

describe('AdapterTable', () => {
  it.each([1, 2] as const)('has the slope of finite differences in every weight, %s layers', (layers) => {
    const weights = WEIGHTS[layers];
    const dRows = randomValues(numNodes * dim, 26);
    // Linear in the rows, so that dRows is its gradient.
    const lossOf = (shifted: Weights) =>
      rowsOf(shifted).reduce((sum, value, at) => sum + value * dRows[numUsers * dim + at], 0);
    const workspace = runtime.open();
    const { adapter } = optionsOf(layers);
    const table = new AdapterTable(workspace, graph, dim, SGD, 1, adapter!);
    table.start(packed(weights).slice(0, numNodes * dim));
    table.setValues(packed(weights));
    table.update(workspace.matrixFrom(dRows, numNodes, dim));
    const { linear: linearAfter, branch } = table.itemMap();
    const after = { linear: linearAfter, inner: branch?.inner ?? null, outer: branch?.outer ?? null };
    for (const name of ['linear', 'inner', 'outer'] as const) {
      const before = weights[name];
      if (!before) continue;
      const step = 1e-5;
      const slopes = Float64Array.from(before, (_, at) => {
        const shifted = (by: number) => ({
          ...weights,
          [name]: Float64Array.from(before, (value, n) => (n === at ? value + by : value)),
        });
        return (lossOf(shifted(step)) - lossOf(shifted(-step))) / (2 * step);
      });
      expectClose(taken(before, after[name]!), slopes);
    }
    expectClose(table.e0.read().subarray(numUsers * dim), rowsOf(after));
    workspace.close();
  });

  it('starts its second layer at zero: the rows are those of the linear map', () => {
    const workspace = runtime.open();
    const e0 = new Float32Array(numNodes * dim);
    const table = new AdapterTable(workspace, graph, dim, SGD, 1, optionsOf(2).adapter!);
    table.start(e0);
    expectClose(table.e0.read().subarray(numUsers * dim), rowsOf(WEIGHTS[1]));
    workspace.close();
  });

  it.each([1, 2] as const)('maps users by their vectors as items by theirs, %s layers', (layers) => {
    const ofUsers = randomValues(numUsers * width, 27);
    const dRows = randomValues(numNodes * dim, 28);
    const { adapter } = optionsOf(layers);
    const { numEdges, maxDegree, userDegrees } = graph;
    const size = { numEdges, maxDegree, userDegrees };
    const trained = (options: AdapterOptions, numUsers: number, numItems: number) => {
      const workspace = runtime.open();
      const nodes = numUsers + numItems;
      const table = new AdapterTable(
        workspace,
        { ...size, numUsers, numItems, numNodes: nodes },
        dim,
        SGD,
        1,
        options,
      );
      table.start(new Float32Array(nodes * dim));
      const start = table.e0.read();
      table.update(workspace.matrixFrom(dRows, nodes, dim));
      const found = { start, rows: table.e0.read(), map: table.itemMap() };
      workspace.close();
      return found;
    };
    const mapped = trained({ ...adapter!, userFeatures: ofUsers }, numUsers, numItems);
    const asItems = trained({ ...adapter!, features: Float32Array.of(...ofUsers, ...features) }, 0, numNodes);
    expect(mapped).toEqual(asItems);
    expect(mapped.rows).not.toEqual(mapped.start);
  });

  it('gives an item without a vector a row of zeros and no share in the gradient', () => {
    const workspace = runtime.open();
    const without = features.slice().fill(0, 0, width);
    const options = { ...optionsOf(1).adapter!, features: without };
    const table = new AdapterTable(workspace, graph, dim, SGD, 1, options);
    table.start(new Float32Array(numNodes * dim));
    const gradient = new Float32Array(numNodes * dim);
    gradient.fill(1, numUsers * dim, (numUsers + 1) * dim);
    table.update(workspace.matrixFrom(gradient, numNodes, dim));
    expect(table.e0.read().subarray(numUsers * dim, (numUsers + 1) * dim)).toEqual(new Float32Array(dim));
    expect(table.itemMap().linear).toEqual(linear);
    workspace.close();
  });
});
