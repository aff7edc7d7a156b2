import { type Cell, onCommonSeeds, overSeeds } from '../analysis.ts';
import { gainChart, lineChart, spectrumChart } from './charts.ts';
import {
  allVectors,
  baseOf,
  byModelAndInit,
  type Context,
  isFirstVectors,
  isOfAuthors,
  isWhole,
  nameOf,
  rowName,
} from './context.ts';
import { average, four } from './format.ts';
import type { Chart, Section } from './section.ts';

/** Quality and effective rank by dimension. */
export function figure1(context: Context): Omit<Section, 'title'> {
  const found = context.cells
    .filter(
      ({ job }) =>
        job.model === 'lightgcn' &&
        isWhole(job) &&
        isOfAuthors(job) &&
        job.pool === 'mean' &&
        job.protocol === 'standard' &&
        (job.init === 'xavier' ||
          (job.init === 'graph-pca' && job.vectors === allVectors(context.dataset)) ||
          (job.init === 'variance' && isFirstVectors(job, context))),
    )
    .sort((a, b) => a.job.dim - b.job.dim || byModelAndInit(a, b));
  const cells = onCommonSeeds(found);
  const several = new Set(cells.map(({ job }) => job.dim)).size > 1;
  if (!several || cells[0].results.size === 0) return { notes: [], tables: [], charts: [] };
  const points = cells.map((cell) => {
    const results = [...cell.results.values()];
    const rank = (which: 'initial' | 'trained') =>
      average(results.map(({ diagnostics }) => diagnostics?.[which]?.effectiveRank ?? 0));
    return {
      init: nameOf(cell.job),
      dim: cell.job.dim,
      ndcg: overSeeds(cell, 'ndcg@10').mean,
      initial: rank('initial'),
      trained: rank('trained'),
    };
  });
  const rows = points.map((point, n) => [
    `${point.dim}`,
    point.init,
    four(overSeeds(cells[n], 'recall@10').mean),
    four(point.ndcg),
    point.initial.toFixed(1),
    point.trained.toFixed(1),
    (point.trained / point.dim).toFixed(2),
    `${cells[n].results.size}`,
  ]);
  return {
    notes: [
      'effective rank: exp of the entropy of the singular values of the item table (Roy & Vetterli 2007); collapse is its fall',
    ],
    tables: [
      {
        caption: 'LightGCN, standard protocol, on the seeds that all rows have',
        head: ['dim', 'init', 'R@10', 'N@10', 'eff. rank initial', 'trained', 'trained / dim', 'seeds'],
        rows,
      },
    ],
    charts: [
      { title: 'NDCG@10 by dimension', spec: lineChart(points, 'ndcg', 'NDCG@10') },
      {
        title: 'Effective rank of the trained item table',
        spec: lineChart(points, 'trained', 'effective rank'),
      },
    ],
  };
}

/** A chart for each model: gains over xavier with their intervals. */
export function gains(context: Context, cells: readonly Cell[]): Chart[] {
  const points = cells.flatMap((cell) => {
    const base = baseOf(cell, context);
    const compared = base && base !== cell ? context.comparisons.of(base, cell, 'ndcg') : null;
    return compared ? [{ model: base!.job.model, init: rowName(cell), ...compared }] : [];
  });
  return [...new Set(points.map(({ model }) => model))].map((model) => ({
    title: `${model}: gain in NDCG@10 over xavier, 95 % interval over users`,
    spec: gainChart(points.filter((point) => point.model === model)),
  }));
}

/** Singular values of the item tables before and after training. */
export function spectra(cells: readonly Cell[]): Chart[] {
  const points = cells
    .filter(
      ({ job }) =>
        job.model === 'lightgcn' &&
        isOfAuthors(job) &&
        (job.init === 'xavier' || job.init === 'variance' || job.init === 'graph-pca'),
    )
    .flatMap((cell) => {
      const { diagnostics } = [...cell.results.values()][0];
      if (!diagnostics?.trained) return [];
      return (['initial', 'trained'] as const).flatMap((table) =>
        diagnostics[table]!.singularValues.map((value, place) => ({
          init: nameOf(cell.job),
          table,
          place: place + 1,
          value,
        })),
      );
    });
  return points.length > 0
    ? [{ title: 'Singular values of the item table, first seed', spec: spectrumChart(points) }]
    : [];
}
