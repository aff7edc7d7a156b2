import { type Cell, overSeeds } from '../analysis.ts';
import type { Job } from '../jobs.ts';
import { baseOf, byModelAndInit, type Context, isSized, nameOf, rowName } from './context.ts';
import { average, four, kilobytes, spread } from './format.ts';
import type { ReportTable, Section } from './section.ts';
import { intervalOf } from './tables.ts';

/** Coverage, novelty and diversity beside accuracy, of the runs that have them. */
export function beyondTable(cells: readonly Cell[]): ReportTable[] {
  const names = ['coverage@10', 'novelty@10', 'diversity@10'];
  const rows = standard(cells).flatMap((cell) => {
    const measured = [...cell.results.values()].filter(({ metrics }) => metrics['coverage@10'] !== undefined);
    if (measured.length === 0) return [];
    const means = names.map((name) => four(average(measured.map(({ metrics }) => metrics[name]))));
    return [[rowName(cell), four(overSeeds(cell, 'ndcg@10').mean), ...means, `${measured.length}`]];
  });
  if (rows.length === 0) return [];
  return [
    {
      caption:
        'Beyond accuracy, of the ten items shown: share of the catalogue that anybody is shown, bits of surprise an item, and how unlike the items of a list are by who has them',
      head: ['model', 'N@10', ...names, 'seeds'],
      rows,
    },
  ];
}

/** Seconds of training and bytes of the model file, of the runs that have them. */
export function costTable(cells: readonly Cell[]): ReportTable[] {
  const rows = standard(cells).flatMap((cell) => {
    const { seconds, bytes } = costOf(cell);
    if (bytes === null) return [];
    const compared = [...cell.results.values()].flatMap(({ contest }) => contest?.compared ?? []);
    return [
      [
        rowName(cell),
        four(overSeeds(cell, 'ndcg@10').mean),
        seconds.toFixed(1),
        kilobytes(bytes),
        compared.length > 0 ? average(compared).toFixed(0) : '–',
      ],
    ];
  });
  if (rows.length === 0) return [];
  return [
    {
      caption:
        'What it costs: seconds of one core for training with its choices, and kB of the model file without titles',
      head: ['model', 'N@10', 'seconds', 'kB', 'compared by validation'],
      rows,
    },
  ];
}

/** Means over the seeds that have them: seconds of the processor, by the clock where no run has those; null for no bytes. */
export function costOf({ results }: Cell): { seconds: number; bytes: number | null } {
  const all = [...results.values()];
  const processor = all.flatMap(({ processorSeconds }) => processorSeconds ?? []);
  const bytes = all.flatMap((result) => result.bytes ?? []);
  return {
    seconds: average(processor.length > 0 ? processor : all.map(({ seconds }) => seconds)),
    bytes: bytes.length > 0 ? average(bytes) : null,
  };
}

/** What a change of the data costs each row, against the same row without it. */
export function conditionTable(
  context: Context,
  condition: NonNullable<Job['condition']>,
): Omit<Section, 'title'> {
  const changed = context.cells
    .filter(({ job }) => job.condition === condition && isSized(job, context))
    .sort(byModelAndInit);
  const rows = changed.map((cell) => {
    const own = context.cells.find(
      ({ job }) => job.condition === undefined && isSameBut(job, cell.job, 'condition'),
    );
    const base = baseOf(cell, context);
    const gain = (from: Cell | undefined, to: Cell | undefined) => {
      const found = from && to && context.comparisons.of(from, to, 'ndcg');
      return found ? intervalOf(found) : '–';
    };
    return [
      rowName(cell),
      own ? four(overSeeds(own, 'ndcg@10').mean) : '–',
      gain(base, own),
      spread(overSeeds(cell, 'ndcg@10')),
      gain(base, cell),
      `${cell.results.size}`,
    ];
  });
  const head = [
    ...['model', 'N@10', 'over xavier', `N@10, ${condition}`, `over xavier, ${condition} [95 %]`, 'seeds'],
  ];
  return {
    notes: [
      'a gain that comes from texts must be gone where every item has the text of another; what is left is owed to clicks',
    ],
    tables: [{ caption: 'protocol standard', head, rows }],
    charts: [],
  };
}

/** New items: among themselves, among all, and what they take from the others. */
export function newItemsTable(context: Context): Omit<Section, 'title'> {
  const cells = context.cells
    .filter(({ job }) => job.condition === 'new-items' && isSized(job, context))
    .sort(byModelAndInit);
  const names = ['recall@10', 'ndcg@10', 'all-ndcg@10', 'exposure@10', 'trained-ndcg@10', 'before-ndcg@10'];
  const rows = cells.map((cell) => {
    const base = baseOf(cell, context);
    const gain = base && base !== cell ? context.comparisons.of(base, cell, 'ndcg') : null;
    return [
      cell.job.model,
      nameOf(cell.job),
      ...names.map((name) => meanOf(cell, name)),
      gain ? intervalOf(gain) : '–',
      `${cell.results.size}`,
    ];
  });
  return {
    notes: [
      'a new item gets its place from its 20 nearest trained items by text, as addItems gives it, whatever the model; a seed holds out a tenth of the items, another seed another tenth',
      'exposure: the share of the ten places shown that new items take; .1 is their share of the catalogue',
    ],
    tables: [
      {
        caption: 'by all new items that a user has',
        head: [
          ...['model', 'init', 'R@10 among new', 'N@10 among new', 'N@10 among all', 'exposure'],
          ...['N@10 of test items', 'without new ones', 'gain N among new [95 %]', 'seeds'],
        ],
        rows,
      },
    ],
    charts: [],
  };
}

/** Over seeds; a dash where a run of before did not measure it. */
function meanOf(cell: Cell, metric: string): string {
  const isThere = [...cell.results.values()].every(({ metrics }) => metric in metrics);
  return isThere ? four(overSeeds(cell, metric).mean) : '–';
}

function standard(cells: readonly Cell[]): Cell[] {
  return cells.filter(({ job }) => job.protocol === 'standard').sort(byModelAndInit);
}

function isSameBut(a: Job, b: Job, name: keyof Job): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Job>;
  return [...names].every((key) => key === name || key === 'seed' || a[key] === b[key]);
}
