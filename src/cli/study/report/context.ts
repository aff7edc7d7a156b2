import { BASELINES } from '../../../recipe/baselines.ts';
import type { Cell, Comparisons } from '../analysis.ts';
import type { DatasetRecord, ExperimentResults, Job } from '../jobs.ts';
import { sideBySide, TABLE1_INITS, TABLE1_MODELS } from '../plans.ts';

/** What the sections of one dataset are drawn from. */
export interface Context {
  readonly study: ExperimentResults;
  readonly dataset: DatasetRecord;
  /** Of this dataset, but for rows of `table2`. */
  readonly cells: readonly Cell[];
  /** Rows of `table2`. */
  readonly systems: readonly Cell[];
  /** The width that most runs have. */
  readonly dim: number;
  readonly comparisons: Comparisons;
}

/**
 * What gains are over: xavier of the same model under the same conditions, as the authors train it; of LightGCN for models
 * without initialisations. Shuffled texts change nothing about xavier, which reads none.
 */
export function baseOf({ job }: Cell, { cells, dim }: Context): Cell | undefined {
  const model = TABLE1_MODELS.some((name) => name === job.model) || job.init ? job.model : 'lightgcn';
  const wanted = {
    ...{ ...job, model, init: 'xavier', training: undefined, dim: job.dim || dim },
    condition: job.condition === 'shuffled' ? undefined : job.condition,
  };
  const alike = ['model', 'init', 'protocol', 'dim', 'keep', 'order', 'batch', 'epochs'] as const;
  return cells.find(({ job: other }) =>
    [...alike, 'training' as const, 'condition' as const].every((name) => other[name] === wanted[name]),
  );
}

/** The name of all vectors of a dataset side by side. */
export function allVectors({ vectors }: DatasetRecord): string {
  return sideBySide(vectors.map(({ weight = 1, ...own }) => ({ ...own, weight })));
}

/** Whether a run is a row of Table 1: the authors' training of the dataset's own vectors, and what stands beside it. */
export function isInTable1(job: Job, context: Context): boolean {
  if (!isPlain(job, context) || !isOfAuthors(job)) return false;
  const all = allVectors(context.dataset);
  if (job.init === null) return job.vectors === null || job.vectors === all;
  if (job.init === 'graph-pca') return job.vectors === all;
  return TABLE1_INITS.some((init) => init === job.init) && isFirstVectors(job, context);
}

/** Whether a run reads no vectors, or the dataset's own. */
export function isFirstVectors({ vectors }: Job, { dataset }: Context): boolean {
  return vectors === null || vectors === dataset.vectors[0].name;
}

/** Whether a run has the width that most have, or none. */
export function isSized({ dim }: Job, context: Context): boolean {
  return dim === 0 || dim === context.dim;
}

/** The conditions of Table 1. */
export function isPlain(job: Job, context: Context): boolean {
  const tuned = job.graphWeight !== null || job.scale !== null;
  return isSized(job, context) && isWhole(job) && job.pool === 'mean' && !tuned;
}

/** Whether a run learns from all interactions with their own texts. */
export function isWhole({ keep, condition }: Job): boolean {
  return keep === 1 && condition === undefined;
}

/** Whether a run has the paper's own training. */
export function isOfAuthors({ training }: Job): boolean {
  return training === undefined;
}

/** The width that most runs have. */
export function commonDim(cells: readonly Cell[]): number {
  const counts = new Map<number, number>();
  for (const { job, results } of cells)
    if (job.dim > 0) counts.set(job.dim, (counts.get(job.dim) ?? 0) + results.size);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 128;
}

const MODEL_ORDER: readonly string[] = [...BASELINES, 'bpr-mf', ...TABLE1_MODELS, 'auto'];
const INIT_ORDER: readonly string[] = [
  ...TABLE1_INITS,
  ...['projection', 'pca', 'whiten', 'frozen', 'adapter', 'graph-pca'],
];

/** Order of the rows of a table: models without epochs, graph models by initialisation, and the choice among all. */
export function byModelAndInit(a: Cell, b: Cell): number {
  const place = (names: readonly string[], name: string | null) => {
    const at = names.indexOf(name ?? '');
    return at < 0 ? names.length : at;
  };
  return (
    place(MODEL_ORDER, a.job.model) - place(MODEL_ORDER, b.job.model) ||
    (a.job.training ?? '').length - (b.job.training ?? '').length ||
    place(INIT_ORDER, a.job.init) - place(INIT_ORDER, b.job.init) ||
    (nameOf(a.job) < nameOf(b.job) ? -1 : 1)
  );
}

/** An initialisation with what it was made of; the vectors of a model that has none. */
export function nameOf({ init, vectors, pool, scale, training, condition }: Job): string {
  const reads = vectors !== null && init !== 'xavier';
  const details = [
    reads ? vectors : null,
    pool === 'mean' ? null : `${pool} pooling`,
    scale === null ? null : `scale ${scale}`,
    training ? `${training} training` : null,
    condition === 'shuffled' ? 'shuffled' : null,
  ].filter((detail) => detail !== null);
  if (init === null) return details.length > 0 ? `– (${details.join(', ')})` : '–';
  return details.length > 0 ? `${init} (${details.join(', ')})` : init;
}

/** A row by its model and initialisation. */
export function rowName({ job }: Cell): string {
  return job.init === null ? job.model : `${job.model}, ${nameOf(job)}`;
}
