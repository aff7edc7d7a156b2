import { type DrawnChart, svgOf } from './report/svg.ts';
import type { ProtocolSummary } from './summary.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

/** What the charts of a comparison show, of each init one point. */
interface Point {
  readonly init: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Charts of a comparison: for every protocol and cut-off NDCG of each init over the seeds, and its gains over xavier.
 * @param ks cut-offs that are shown
 */
export async function comparisonCharts(
  summary: readonly ProtocolSummary[],
  ks: readonly number[],
): Promise<DrawnChart[]> {
  const charts: DrawnChart[] = [];
  for (const part of summary)
    for (const k of ks) {
      const metric = `ndcg@${k}`;
      const values = valuesOf(part, metric);
      const title = `${part.protocol} NDCG@${k}`;
      charts.push({ title, svg: await svgOf(pointChart(values, `NDCG@${k}, mean ± sd over seeds`, '.4f')) });
      const gains = gainsOf(part, metric);
      if (gains.length === 0) continue;
      const axis = `gain in NDCG@${k} over xavier, mean ± sd over seeds`;
      charts.push({ title: `${title} gain over xavier`, svg: await svgOf(pointChart(gains, axis, '+.0%')) });
    }
  return charts;
}

function valuesOf({ inits }: ProtocolSummary, metric: string): Point[] {
  return inits.map(({ init, metrics }) => {
    const { mean, sd } = metrics[metric];
    return { init, mean, low: mean - (sd ?? 0), high: mean + (sd ?? 0) };
  });
}

/** Gains as shares of xavier's mean; those that have none are left out. */
function gainsOf({ inits }: ProtocolSummary, metric: string): Point[] {
  return inits.flatMap(({ init, gain }) => {
    const { difference = 0, relative = null, sd = null } = gain?.[metric] ?? {};
    if (relative === null) return [];
    const spread = difference === 0 || sd === null ? 0 : Math.abs((sd * relative) / difference);
    return [{ init, mean: relative, low: relative - spread, high: relative + spread }];
  });
}

/** Points with their spreads, one a row in the order of the table. */
function pointChart(points: readonly Point[], title: string, format: string): object {
  const y = { field: 'init', type: 'nominal', sort: null, title: null, axis: { labelLimit: 320 } };
  const x = { field: 'low', type: 'quantitative', scale: { zero: false }, title, axis: { format } };
  return {
    $schema: SCHEMA,
    width: 420,
    height: { step: 26 },
    data: { values: points },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2 }, encoding: { y, x, x2: { field: 'high' } } },
      {
        mark: { type: 'point', filled: true, size: 80, opacity: 1 },
        encoding: { y, x: { field: 'mean', type: 'quantitative' } },
      },
      {
        mark: { type: 'text', dy: -9 },
        encoding: { y, x: { field: 'mean', type: 'quantitative' }, text: { field: 'mean', format } },
      },
    ],
  };
}
