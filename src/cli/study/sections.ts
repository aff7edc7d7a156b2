import { HISTORY_BUCKETS, POPULARITY_BUCKETS } from '../../index.ts';
import { BASELINES } from '../../recipe/baselines.ts';
import {
  autoCells,
  byBucket,
  type Cell,
  type Comparison,
  cellsOf,
  compare,
  onCommonSeeds,
  overSeeds,
} from './analysis.ts';
import { gainChart, lineChart, spectrumChart } from './charts.ts';
import {
  type ExperimentName,
  isBaseline,
  isTrialOfAuto,
  TABLE1_INITS,
  TABLE1_MODELS,
} from './experiments.ts';
import type { DatasetRecord, Job, StudyFile } from './jobs.ts';
import { type Published, TABLE1, TABLE5 } from './published.ts';

/** A chart as a Vega-Lite specification. */
export interface Chart {
  readonly title: string;
  readonly spec: object;
}

/** One table with the line that says what it shows. */
export interface ReportTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What one experiment found on one dataset. */
export interface Section {
  readonly title: string;
  readonly notes: readonly string[];
  readonly tables: readonly ReportTable[];
  readonly charts: readonly Chart[];
}

interface Context {
  readonly study: StudyFile;
  readonly dataset: DatasetRecord;
  /** Of this dataset. */
  readonly cells: readonly Cell[];
  /** The width that most runs have. */
  readonly dim: number;
}

type Builder = (context: Context) => Omit<Section, 'title'>;

const TITLES: Readonly<Record<ExperimentName, string>> = {
  table1: 'Table 1: models and column selections',
  table3: 'Table 3: encoders',
  table5: 'Table 5: pooling of user rows',
  figure1: 'Figure 1: dimensions and embedding collapse',
  figure3: 'Figure 3: cold start, half of every user’s interactions removed',
  inits: 'The study of initialisations',
  tuning: 'Graph weight λ and scale, by validation',
};

/** The sections of a report: every experiment on every dataset that has runs of it. */
export function sectionsOf(study: StudyFile, experiments: readonly ExperimentName[]): Section[] {
  const cells = cellsOf(study);
  return experiments.flatMap((experiment) =>
    study.datasets.flatMap((dataset) => {
      const plain = cells.filter(({ job }) => job.dataset === dataset.name);
      const own = [...plain, ...autoCells(plain, (job) => isTrialOfAuto(job, dataset.vectors))];
      const context = { study, dataset, cells: own, dim: commonDim(own) };
      const section = BUILDERS[experiment](context);
      const title = `${dataset.name} · ${TITLES[experiment]}`;
      return section.tables.some(({ rows }) => rows.length > 0) ? [{ title, ...section }] : [];
    }),
  );
}

const BUILDERS: Readonly<Record<ExperimentName, Builder>> = {
  table1: (context) => {
    const inTable = ({ job }: Cell) =>
      isPlain(job, context) &&
      (isBaseline(job) ||
        job.init === 'auto' ||
        (TABLE1_INITS.some((init) => init === job.init) && isFirstVectors(job, context)));
    const found = TABLE1[context.dataset.name] ?? {};
    const published = ({ model, init }: Job) => (init ? found[model]?.[init] : undefined);
    const section = perProtocol(context, inTable, published);
    const rivals = rivalsTable(context.cells.filter(inTable));
    return { ...section, tables: [...section.tables, ...rivals] };
  },
  table3: (context) =>
    perProtocol(
      context,
      ({ job }) =>
        isPlain(job, context) &&
        job.model === 'lightgcn' &&
        (job.init === 'xavier' || job.init === 'variance'),
    ),
  table5: (context) =>
    perProtocol(
      context,
      ({ job }) =>
        isSized(job, context) &&
        job.keep === 1 &&
        job.model === 'lightgcn' &&
        job.init === 'variance' &&
        isFirstVectors(job, context),
      ({ pool }) => TABLE5[pool],
      ['published figures: SGCL on Beauty'],
    ),
  figure1,
  figure3: (context) => {
    const inFigure = ({ job }: Cell) => isSized(job, context) && job.keep < 1 && job.pool === 'mean';
    const section = perProtocol(context, inFigure);
    return { ...section, charts: gains(context, context.cells.filter(inFigure)) };
  },
  inits: (context) => {
    const inStudy = ({ job }: Cell) =>
      isPlain(job, context) && job.protocol === 'standard' && (isBaseline(job) || job.model !== 'sgl');
    const cells = context.cells.filter(inStudy).sort(byModelAndInit);
    const section = perProtocol(context, inStudy);
    return {
      notes: section.notes,
      tables: [
        ...section.tables,
        bucketTable(context, cells, 'popularityBuckets', POPULARITY_BUCKETS, 'popularity of the test item'),
        bucketTable(context, cells, 'historyBuckets', HISTORY_BUCKETS, "the user's training interactions"),
        diagnosticsTable(cells),
      ],
      charts: [...gains(context, cells), ...spectra(cells)],
    };
  },
  tuning: (context) => {
    const cells = context.cells
      .filter(({ job }) => job.graphWeight !== null && job.scale !== null && isSized(job, context))
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
    const rows = cells.map((cell) => {
      const values = [...cell.results.values()].map(({ valid }) => valid);
      const { model, graphWeight, scale } = cell.job;
      return [model, `${graphWeight}`, `${scale}`, four(average(values)), `${values.length}`];
    });
    const caption = 'validation NDCG@10, mean over seeds; nothing here was measured on test items';
    return {
      notes: [],
      tables: [{ caption, head: ['model', 'λ', 'scale', 'valid N@10', 'seeds'], rows }],
      charts: [],
    };
  },
};

function order({ job }: Cell): string {
  return [job.model, job.graphWeight, job.scale].join(' ');
}

function figure1(context: Context): Omit<Section, 'title'> {
  const found = context.cells
    .filter(
      ({ job }) =>
        job.model === 'lightgcn' &&
        job.keep === 1 &&
        job.pool === 'mean' &&
        job.protocol === 'standard' &&
        (job.init === 'xavier' ||
          job.init === 'auto' ||
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

/** One table for each protocol: every cell with its gain over xavier of the same model. */
function perProtocol(
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
function rivalsTable(cells: readonly Cell[]): ReportTable[] {
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

function bucketTable(
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

function diagnosticsTable(cells: readonly Cell[]): ReportTable {
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

function gains(context: Context, cells: readonly Cell[]): Chart[] {
  const points = cells.flatMap((cell) => {
    const base = baseOf(cell, context);
    const compared = base && base !== cell && !isBaseline(cell.job) ? compare(base, cell, 'ndcg') : null;
    return compared ? [{ model: cell.job.model, init: nameOf(cell.job), ...compared }] : [];
  });
  return [...new Set(points.map(({ model }) => model))].map((model) => ({
    title: `${model}: gain in NDCG@10 over xavier, 95 % interval over users`,
    spec: gainChart(points.filter((point) => point.model === model)),
  }));
}

function spectra(cells: readonly Cell[]): Chart[] {
  const points = cells
    .filter(
      ({ job }) =>
        job.model === 'lightgcn' && (job.init === 'xavier' || job.init === 'variance' || job.init === 'auto'),
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

/** xavier of the same model under the same conditions. */
function baseOf({ job }: Cell, { cells }: Context): Cell | undefined {
  return cells.find(
    ({ job: other }) =>
      other.init === 'xavier' &&
      other.model === job.model &&
      (['protocol', 'dim', 'keep', 'order', 'batch', 'epochs'] as const).every(
        (name) => other[name] === job[name],
      ),
  );
}

function isFirstVectors({ vectors }: Job, { dataset }: Context): boolean {
  return vectors === null || vectors === dataset.vectors[0].name;
}

function isSized({ dim }: Job, context: Context): boolean {
  return dim === 0 || dim === context.dim;
}

/** The conditions of Table 1. */
function isPlain(job: Job, context: Context): boolean {
  const tuned = job.graphWeight !== null || job.scale !== null;
  return isSized(job, context) && job.keep === 1 && job.pool === 'mean' && !tuned;
}

function commonDim(cells: readonly Cell[]): number {
  const counts = new Map<number, number>();
  for (const { job, results } of cells)
    if (job.dim > 0) counts.set(job.dim, (counts.get(job.dim) ?? 0) + results.size);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 128;
}

const MODEL_ORDER: readonly string[] = [...BASELINES, ...TABLE1_MODELS];
const INIT_ORDER: readonly string[] = [
  ...TABLE1_INITS,
  'projection',
  'pca',
  'whiten',
  'frozen',
  'adapter',
  'graph-pca',
  'auto',
];

function byModelAndInit(a: Cell, b: Cell): number {
  const place = (names: readonly string[], name: string | null) => {
    const at = names.indexOf(name ?? '');
    return at < 0 ? names.length : at;
  };
  return (
    place(MODEL_ORDER, a.job.model) - place(MODEL_ORDER, b.job.model) ||
    place(INIT_ORDER, a.job.init) - place(INIT_ORDER, b.job.init) ||
    (nameOf(a.job) < nameOf(b.job) ? -1 : 1)
  );
}

/** An initialisation with what it was made of. */
function nameOf({ init, vectors, pool, scale }: Job): string {
  if (init === null) return '–';
  const pooled = pool === 'mean' ? '' : `, ${pool} pooling`;
  const scaled = scale === null ? '' : `, scale ${scale}`;
  return vectors === null ? init : `${init} (${vectors}${pooled}${scaled})`;
}

function spread({ mean, sd }: { mean: number; sd: number | null }): string {
  return sd === null ? four(mean) : `${four(mean)} ± ${four(sd)}`;
}

function four(value: number): string {
  return value.toFixed(4).replace(/^0/, '');
}

function percent(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)} %`;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
