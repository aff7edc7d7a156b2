import { type Cell, overSeeds } from '../analysis.ts';
import { isBaseline } from '../experiments.ts';
import { costOf } from './beyondTables.ts';
import { forestChart, scatterChart } from './charts.ts';
import { baseOf, byModelAndInit, type Context, isInTable1 } from './context.ts';
import type { Picture } from './section.ts';

/** A row of Table 1 as the pictures tell it. */
interface Point {
  readonly name: string;
  readonly kind: string;
  readonly ndcg: number;
  readonly seconds: number;
  readonly kilobytes: number | null;
}

/** What a report opens with, of each dataset: gains with their intervals, and what quality costs in time and in bytes. */
export function openingPictures(context: Context): Picture[] {
  const cells = context.cells
    .filter(({ job }) => isInTable1(job, context) && job.protocol === 'standard')
    .filter(({ job }) => job.model === 'lightgcn' || isBaseline(job) || job.model === 'auto')
    .sort(byModelAndInit);
  const { name } = context.dataset;
  const points = cells.map(pointOf);
  const timed = points.filter(({ seconds }) => seconds > 0);
  const sized = points.filter(({ kilobytes }) => kilobytes !== null);
  const gains = gainsOf(cells, context);
  const picture = (kind: string, title: string, spec: object): Picture => ({
    ...{ title: `${name}: ${title}`, spec, path: `pictures/${fileName(name)}-${kind}.svg` },
  });
  return [
    ...(gains.length > 0
      ? [
          picture(
            'gains',
            'how much better than LightGCN from random numbers (NDCG@10, 95 % intervals)',
            forestChart(gains),
          ),
        ]
      : []),
    ...(timed.length > 1
      ? [
          picture(
            'seconds',
            'quality over the seconds of one core that training takes',
            scatterChart(timed, 'seconds', 'seconds of training'),
          ),
        ]
      : []),
    ...(sized.length > 1
      ? [
          picture(
            'bytes',
            'quality over the size of the model file',
            scatterChart(sized, 'kilobytes', 'kB of the model file'),
          ),
        ]
      : []),
  ];
}

function gainsOf(cells: readonly Cell[], context: Context) {
  return cells.flatMap((cell) => {
    const base = baseOf(cell, context);
    const found = base && base !== cell ? context.comparisons.of(base, cell, 'ndcg') : null;
    return found ? [{ name: plainName(cell), kind: kindOf(cell), ...found }] : [];
  });
}

function pointOf(cell: Cell): Point {
  const { seconds, bytes } = costOf(cell);
  return {
    name: plainName(cell),
    kind: kindOf(cell),
    ndcg: overSeeds(cell, 'ndcg@10').mean,
    seconds,
    kilobytes: bytes === null ? null : bytes / 1000,
  };
}

function kindOf({ job }: Cell): string {
  if (job.model === 'auto') return 'chosen by validation';
  if (isBaseline(job)) return 'without epochs';
  return job.init === 'graph-pca' ? 'LightGCN, from all texts' : 'LightGCN, as in the paper';
}

/** What a reader of the paper calls it. */
function plainName({ job: { model, init } }: Cell): string {
  return init === null ? model : `LightGCN from ${init}`;
}

function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'dataset';
}
