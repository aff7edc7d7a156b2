import { type Cell, overSeeds } from '../analysis.ts';
import { isBaseline } from '../experiments.ts';
import { costOf } from './beyondTables.ts';
import { forestChart, type Kind, scatterChart } from './charts.ts';
import { baseOf, byModelAndInit, type Context, isInTable1 } from './context.ts';
import type { Picture } from './section.ts';

/** What a report opens with, of each dataset: gains with their intervals, and what quality costs in time and in bytes. */
export function openingPictures(context: Context): Picture[] {
  const cells = context.cells
    .filter(({ job }) => isInTable1(job, context) && job.protocol === 'standard')
    .filter(({ job }) => job.model === 'lightgcn' || isBaseline(job) || job.model === 'auto')
    .sort(byModelAndInit);
  const { name } = context.dataset;
  const points = cells.map((cell) => ({ ...pointOf(cell), ...costOf(cell) }));
  const timed = points.map((point) => ({ ...point, cost: point.seconds })).filter(({ cost }) => cost > 0);
  const sized = points.flatMap((point) =>
    point.bytes === null ? [] : [{ ...point, cost: point.bytes / 1000 }],
  );
  const gains = gainsOf(cells, context);
  const picture = (kind: string, title: string, spec: object): Picture => ({
    ...{ title: `${name}: ${title}`, spec, path: `pictures/${fileName(name)}-${kind}.svg` },
  });
  const titles = {
    gains: 'how much better than LightGCN from random numbers (NDCG@10 under standard, 95 % intervals)',
    seconds: 'quality over the seconds of one core that training takes, its choices included',
    bytes: 'quality over the size of the model file, without titles',
  };
  return [
    ...(gains.length > 0 ? [picture('gains', titles.gains, forestChart(gains))] : []),
    ...(timed.length > 1
      ? [picture('seconds', titles.seconds, scatterChart(timed, 'seconds of training'))]
      : []),
    ...(sized.length > 1
      ? [picture('bytes', titles.bytes, scatterChart(sized, 'kB of the model file'))]
      : []),
  ];
}

function gainsOf(cells: readonly Cell[], context: Context) {
  return cells.flatMap((cell) => {
    const base = baseOf(cell, context);
    const found = base && base !== cell ? context.comparisons.of(base, cell, 'ndcg') : null;
    return found ? [{ ...pointOf(cell), ...found }] : [];
  });
}

function pointOf(cell: Cell): { name: string; kind: Kind; ndcg: number } {
  return { name: plainName(cell), kind: kindOf(cell), ndcg: overSeeds(cell, 'ndcg@10').mean };
}

function kindOf({ job }: Cell): Kind {
  if (job.model === 'auto') return 'chosen by validation';
  if (isBaseline(job)) return 'without epochs';
  return job.init === 'graph-pca' ? 'from all texts' : 'as in the paper';
}

/** What a reader of the paper calls it. */
function plainName({ job: { model, init } }: Cell): string {
  return init === null ? model : `LightGCN from ${init}`;
}

function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'dataset';
}
