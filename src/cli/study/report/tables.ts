import { byBucket, type Cell, type Comparison, compare, overSeeds } from '../analysis.ts';
import { isBaseline } from '../experiments.ts';
import type { Job } from '../jobs.ts';
import { baseOf, byModelAndInit, type Context, nameOf } from './context.ts';
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
      return [...measures(cell, baseOf(cell, context)), ...last];
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

/** `auto` against column selection by variance and against EASE, over the seeds that both have. */
export function rivalsTable(cells: readonly Cell[]): ReportTable[] {
  const rows = cells
    .filter(({ job }) => job.init === 'auto')
    .sort(byModelAndInit)
    .flatMap((cell) =>
      cells
        .filter(({ job }) => job.protocol === cell.job.protocol)
        .filter(
          ({ job }) => job.model === 'ease' || (job.model === cell.job.model && job.init === 'variance'),
        )
        .map((rival) => rivalRow(cell, rival)),
    );
  if (rows.length === 0) return [];
  const head = ['protocol', 'model', 'against', 'gain R', 'gain N [95 %]', 'sign p', 'seeds'];
  return [{ caption: 'auto against variance and EASE, on the same seeds', head, rows }];
}

function rivalRow(cell: Cell, rival: Cell): string[] {
  const { protocol, model } = cell.job;
  const name = rival.job.model === 'ease' ? 'ease' : nameOf(rival.job);
  const [recall, ndcg] = (['recall', 'ndcg'] as const).map((metric) => compare(rival, cell, metric));
  if (!recall || !ndcg) return [protocol, model, name, '–', '–', '–', '0'];
  return [protocol, model, name, gainOf(recall), intervalOf(ndcg), ndcg.signP.toFixed(3), `${ndcg.seeds}`];
}

function measures(cell: Cell, base: Cell | undefined): string[] {
  const compared = base && base !== cell;
  const [recall, ndcg] = (['recall', 'ndcg'] as const).map((metric) =>
    compared ? compare(base, cell, metric) : null,
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

function intervalOf({ gain, low, high, significant }: Comparison): string {
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
    ({ job }) => job.init === 'xavier' || job.init === 'variance' || job.init === 'auto' || isBaseline(job),
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
