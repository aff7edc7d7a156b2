import { byBucket, type Cell, type Comparison, overSeeds } from '../analysis.ts';
import { isBaseline } from '../experiments.ts';
import type { Job } from '../jobs.ts';
import { baseOf, byModelAndInit, type Context, nameOf, rowName } from './context.ts';
import { average, four, percent, spread } from './format.ts';
import type { Published } from './published.ts';
import type { ReportTable, Section } from './section.ts';

/** One table for each protocol: every cell with its gain over xavier of the same model. */
export function perProtocol(
  context: Context,
  belongs: (cell: Cell) => boolean,
  published: (job: Job) => Published | undefined = () => undefined,
  notes: readonly string[] = [],
): Omit<Section, 'title'> {
  const cells = context.cells.filter(belongs).sort(byModelAndInit);
  const tables = (['standard', 'paper'] as const).flatMap((protocol): ReportTable[] => {
    const own = cells.filter(({ job }) => job.protocol === protocol);
    if (own.length === 0) return [];
    const withPublished = own.some(({ job }) => published(job));
    const rows = own.map((cell) => {
      const known = published(cell.job);
      const last = withPublished ? [known ? known.map(four).join(' / ') : '–'] : [];
      return [...measures(cell, context), ...last];
    });
    const head = ['model', 'init', 'R@10', 'N@10', 'gain R', 'gain N [95 %]', 'sign p', 'valid N', 'seeds'];
    const seen = protocol === 'paper' ? 'nothing masked' : 'seen items masked';
    return [
      {
        caption: `protocol ${protocol} (${seen})`,
        head: withPublished ? [...head, 'published R / N'] : head,
        rows,
      },
    ];
  });
  return { notes, tables, charts: [] };
}

/** `auto` against what it chooses from and what it stands beside, over the seeds that both have. */
export function rivalsTable(context: Context, cells: readonly Cell[]): ReportTable[] {
  const isRival = ({ job }: Cell) =>
    job.model === 'ease' ||
    job.model === 'l3ae' ||
    (job.model === 'lightgcn' && (job.init === 'variance' || job.init === 'graph-pca'));
  const rows = cells
    .filter(({ job }) => job.model === 'auto')
    .flatMap((cell) =>
      cells
        .filter((rival) => rival.job.protocol === cell.job.protocol && isRival(rival))
        .sort(byModelAndInit)
        .map((rival) => rivalRow(context, cell, rival)),
    );
  if (rows.length === 0) return [];
  const head = ['protocol', 'auto against', 'gain R', 'gain N [95 %]', 'sign p', 'seeds'];
  return [{ caption: 'auto against others, on the same seeds', head, rows }];
}

function rivalRow({ comparisons }: Context, cell: Cell, rival: Cell): string[] {
  const { protocol } = cell.job;
  const [recall, ndcg] = (['recall', 'ndcg'] as const).map((metric) => comparisons.of(rival, cell, metric));
  if (!recall || !ndcg) return [protocol, rowName(rival), '–', '–', '–', '0'];
  const shown = [gainOf(recall), intervalOf(ndcg), ndcg.signP.toFixed(3), `${ndcg.seeds}`];
  return [protocol, rowName(rival), ...shown];
}

function measures(cell: Cell, context: Context): string[] {
  const base = baseOf(cell, context);
  const compared = base && base !== cell;
  const [recall, ndcg] = (['recall', 'ndcg'] as const).map((metric) =>
    compared ? context.comparisons.of(base, cell, metric) : null,
  );
  const valid = average([...cell.results.values()].map((result) => result.valid));
  return [
    cell.job.model,
    nameOf(cell.job),
    ...['recall@10', 'ndcg@10'].map((metric) => spread(overSeeds(cell, metric))),
    recall ? gainOf(recall) : '–',
    ndcg ? intervalOf(ndcg) : '–',
    ndcg ? ndcg.signP.toFixed(3) : '–',
    four(valid),
    `${cell.results.size}`,
  ];
}

function gainOf({ gain, significant }: Comparison): string {
  return `${percent(gain)}${significant ? ' *' : ''}`;
}

export function intervalOf({ gain, low, high, significant }: Comparison): string {
  return `${percent(gain)} [${percent(low)}, ${percent(high)}]${significant ? ' *' : ''}`;
}

/** NDCG@10 by the bucket of a user or a test item. */
export function bucketTable(
  context: Context,
  cells: readonly Cell[],
  which: 'popularityBuckets' | 'historyBuckets',
  names: readonly string[],
  what: string,
): ReportTable {
  const chosen = cells.filter(
    ({ job }) => job.init === 'xavier' || job.init === 'variance' || job.model === 'auto' || isBaseline(job),
  );
  const rows = chosen.map((cell) => [
    cell.job.model,
    nameOf(cell.job),
    ...byBucket(cell, context.study, which, 'ndcg', names.length).map(({ users, mean }) =>
      users > 0 ? four(mean) : '–',
    ),
  ]);
  return { caption: `NDCG@10 by ${what}`, head: ['model', 'init', ...names], rows };
}

/** What the tables of the items were before and after training. */
export function diagnosticsTable(cells: readonly Cell[]): ReportTable {
  const rows = cells.flatMap((cell) => {
    const found = [...cell.results.values()].flatMap(({ diagnostics }) => diagnostics ?? []);
    if (found.length === 0) return [];
    const each = (value: (n: number) => number | null | undefined, show: (mean: number) => string) => {
      const values = found.flatMap((_, n) => value(n) ?? []);
      return values.length > 0 ? show(average(values)) : '–';
    };
    return [
      [
        cell.job.model,
        nameOf(cell.job),
        each(
          (n) => found[n].varianceKept,
          (mean) => `${(100 * mean).toFixed(0)} %`,
        ),
        each(
          (n) => found[n].initial.effectiveRank,
          (mean) => mean.toFixed(1),
        ),
        each(
          (n) => found[n].trained?.effectiveRank,
          (mean) => mean.toFixed(1),
        ),
        each((n) => found[n].untrained, four),
      ],
    ];
  });
  const head = [
    'model',
    'init',
    'variance kept',
    'eff. rank initial',
    'eff. rank trained',
    'N@10 at epoch 0',
  ];
  return { caption: 'Tables before and after training (items)', head, rows };
}
