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

/** Rows of the opening pictures, each kind in its own colour, the same in all of them. */
const KINDS = {
  'as in the paper': '#4c78a8',
  'from all texts': '#f58518',
  'without epochs': '#439894',
  'chosen by validation': '#c03d3e',
} as const;

export type Kind = keyof typeof KINDS;

const KIND_COLOUR = {
  field: 'kind',
  type: 'nominal',
  title: null,
  scale: { domain: Object.keys(KINDS), range: Object.values(KINDS) },
  legend: { orient: 'bottom', columns: 4, labelLimit: 400 },
};

/** Gains with their intervals, named and coloured by kind, the highest first. */
export function forestChart(
  points: readonly { name: string; kind: Kind; gain: number; low: number; high: number }[],
): object {
  const y = {
    field: 'name',
    type: 'nominal',
    sort: { field: 'gain', op: 'mean', order: 'descending' },
    title: null,
    axis: { labelLimit: 320, labelFontSize: 13 },
  };
  const gain = { field: 'gain', type: 'quantitative' };
  const x = { field: 'low', type: 'quantitative', title: 'gain', axis: { format: '+.0%' } };
  const color = KIND_COLOUR;
  return {
    $schema: SCHEMA,
    width: 520,
    height: { step: 28 },
    data: { values: points },
    layer: [
      { mark: { type: 'rule', strokeDash: [3, 3] }, encoding: { x: { datum: 0 } } },
      { mark: { type: 'rule', strokeWidth: 3 }, encoding: { y, x, x2: { field: 'high' }, color } },
      { mark: { type: 'point', filled: true, size: 110, opacity: 1 }, encoding: { y, x: gain, color } },
      {
        mark: { type: 'text', dy: -10 },
        encoding: { y, x: gain, text: { field: 'gain', format: '+.0%' } },
      },
    ],
  };
}

/** Quality at a cost, > 0. */
export interface CostPoint {
  readonly name: string;
  readonly kind: Kind;
  readonly ndcg: number;
  readonly cost: number;
}

/** NDCG@10 over a cost on a logarithmic axis: up is better, left is cheaper. Points close to each other share a name. */
export function scatterChart(points: readonly CostPoint[], title: string): object {
  const scale = { type: 'log', padding: 40, nice: false };
  const x = { field: 'cost', type: 'quantitative', scale, title, axis: { tickCount: 5 } };
  const y = { field: 'ndcg', type: 'quantitative', scale: { zero: false, padding: 20 }, title: 'NDCG@10' };
  const color = KIND_COLOUR;
  const text = (side: 'left' | 'right', place: 'above' | 'below') => ({
    transform: [{ filter: `datum.side === '${side}' && datum.place === '${place}' && datum.label !== ''` }],
    mark: {
      ...{ type: 'text', fontSize: 12 },
      ...(place === 'above' ? { dy: -10, baseline: 'bottom' } : { dy: 18, baseline: 'top' }),
      ...(side === 'left' ? { align: 'left', dx: -6 } : { align: 'right', dx: 6 }),
    },
    encoding: { x, y, text: { field: 'label' }, color },
  });
  return {
    $schema: SCHEMA,
    width: 640,
    height: 360,
    data: { values: labelled(points) },
    layer: [
      { mark: { type: 'point', filled: true, size: 110, opacity: 1 }, encoding: { x, y, color } },
      ...(['left', 'right'] as const).flatMap((side) => [text(side, 'above'), text(side, 'below')]),
    ],
  };
}

/** Shares of the picture's height and width within which names would overlap. */
const NEAR = { height: 0.06, width: 0.12 };

/** The highest of points close to each other has the names of all; which half a point is in decides where its name is. */
function labelled(points: readonly CostPoint[]): object[] {
  const span = (values: number[]) => Math.max(...values) - Math.min(...values) || 1;
  const width = span(points.map(({ cost }) => Math.log2(cost)));
  const height = span(points.map(({ ndcg }) => ndcg));
  const least = Math.min(...points.map(({ cost }) => Math.log2(cost)));
  const groups: CostPoint[][] = [];
  for (const point of [...points].sort((a, b) => b.ndcg - a.ndcg)) {
    const near = groups.find(
      ([first]) =>
        first.kind === point.kind &&
        Math.abs(first.ndcg - point.ndcg) < NEAR.height * height &&
        Math.abs(Math.log2(first.cost / point.cost)) < NEAR.width * width,
    );
    if (near) near.push(point);
    else groups.push([point]);
  }
  return groups.flatMap((group) =>
    group.map((point, n) => ({
      ...point,
      label: n === 0 ? sharedNames(group) : '',
      // Below a group, where it is in nobody's way.
      place: group.length > 1 ? 'below' : 'above',
      side: (Math.log2(point.cost) - least) / width > 0.5 ? 'right' : 'left',
    })),
  );
}

/** `LightGCN from xavier, random`. */
function sharedNames(group: readonly CostPoint[]): string {
  const prefix = 'LightGCN from ';
  const own = group.map(({ name }, n) =>
    n > 0 && name.startsWith(prefix) ? name.slice(prefix.length) : name,
  );
  return own.join(', ');
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
