/** Points of a line chart over the width of the tables. */
interface DimPoint {
  readonly init: string;
  readonly dim: number;
}

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

/** A value over the dimension, one line an initialisation. */
export function lineChart<T extends DimPoint>(
  points: readonly T[],
  field: keyof T & string,
  title: string,
): object {
  return {
    $schema: SCHEMA,
    width: 520,
    height: 260,
    data: { values: points },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'dim', type: 'quantitative', scale: { type: 'log', base: 2 }, title: 'dim' },
      y: { field, type: 'quantitative', scale: { zero: false }, title },
      color: {
        field: 'init',
        type: 'nominal',
        title: null,
        legend: { orient: 'bottom', columns: 1, labelLimit: 400 },
      },
    },
  };
}

/** Gains with their intervals, named and coloured by kind, the highest first: what a person reads without a legend. */
export function forestChart(
  points: readonly { name: string; kind: string; gain: number; low: number; high: number }[],
): object {
  const y = {
    field: 'name',
    type: 'nominal',
    sort: { field: 'gain', op: 'mean', order: 'descending' },
    title: null,
    axis: { labelLimit: 320, labelFontSize: 13 },
  };
  const color = { field: 'kind', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 2 } };
  const x = { field: 'low', type: 'quantitative', title: 'gain', axis: { format: '+.0%' } };
  return {
    $schema: SCHEMA,
    width: 520,
    height: { step: 26 },
    data: { values: points },
    layer: [
      { mark: { type: 'rule', strokeDash: [3, 3] }, encoding: { x: { datum: 0 } } },
      { mark: { type: 'rule', strokeWidth: 3 }, encoding: { y, x, x2: { field: 'high' }, color } },
      {
        mark: { type: 'point', filled: true, size: 110, opacity: 1 },
        encoding: { y, x: { field: 'gain', type: 'quantitative' }, color },
      },
      {
        mark: { type: 'text', dy: -10 },
        encoding: { y, x: { field: 'gain', type: 'quantitative' }, text: { field: 'gain', format: '+.0%' } },
      },
    ],
  };
}

/** NDCG@10 over a cost on a logarithmic axis: up is better, left is cheaper; every point has its name beside it. */
export function scatterChart(
  points: readonly { name: string; kind: string; ndcg: number }[],
  field: string,
  title: string,
): object {
  const x = { field, type: 'quantitative', scale: { type: 'log', padding: 30 }, title };
  const y = { field: 'ndcg', type: 'quantitative', scale: { zero: false, padding: 20 }, title: 'NDCG@10' };
  const color = { field: 'kind', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 2 } };
  return {
    $schema: SCHEMA,
    width: 640,
    height: 360,
    data: { values: points },
    layer: [
      { mark: { type: 'point', filled: true, size: 110, opacity: 1 }, encoding: { x, y, color } },
      {
        mark: { type: 'text', align: 'left', dx: 8, dy: -6, fontSize: 12 },
        encoding: { x, y, text: { field: 'name' }, color },
      },
    ],
  };
}

/** Gains of one model with their intervals. */
export function gainChart(
  points: readonly { init: string; gain: number; low: number; high: number }[],
): object {
  const y = { field: 'init', type: 'nominal', sort: null, title: null, axis: { labelLimit: 320 } };
  const x = { field: 'low', type: 'quantitative', title: 'gain', axis: { format: '+.0%' } };
  return {
    $schema: SCHEMA,
    width: 420,
    data: { values: points },
    layer: [
      { mark: { type: 'rule' }, encoding: { y, x, x2: { field: 'high' } } },
      {
        mark: { type: 'point', filled: true, size: 60 },
        encoding: { y, x: { field: 'gain', type: 'quantitative' } },
      },
      { mark: { type: 'rule', strokeDash: [3, 3] }, encoding: { x: { datum: 0 } } },
    ],
  };
}

/** Singular values over their place, initial and trained side by side. */
export function spectrumChart(
  points: readonly { init: string; table: string; place: number; value: number }[],
): object {
  return {
    $schema: SCHEMA,
    data: { values: points },
    facet: { column: { field: 'table', type: 'nominal', title: null } },
    spec: {
      width: 300,
      height: 240,
      mark: { type: 'line' },
      encoding: {
        x: { field: 'place', type: 'quantitative', title: 'singular value' },
        y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: 'σ / σ₁' },
        color: {
          field: 'init',
          type: 'nominal',
          title: null,
          legend: { orient: 'bottom', columns: 1, labelLimit: 400 },
        },
      },
    },
  };
}
