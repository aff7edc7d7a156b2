import { BASELINES } from '../../../recipe/baselines.ts';
import type { Cell } from '../analysis.ts';
import { TABLE1_INITS, TABLE1_MODELS } from '../experiments.ts';
import type { DatasetRecord, Job, StudyFile } from '../jobs.ts';

/** What the sections of one dataset are drawn from. */
export interface Context {
  readonly study: StudyFile;
  readonly dataset: DatasetRecord;
  /** Of this dataset. */
  readonly cells: readonly Cell[];
  /** The width that most runs have. */
  readonly dim: number;
}

/** xavier of the same model under the same conditions. */
export function baseOf({ job }: Cell, { cells }: Context): Cell | undefined {
  return cells.find(
    ({ job: other }) =>
      other.init === 'xavier' &&
      other.model === job.model &&
      (['protocol', 'dim', 'keep', 'order', 'batch', 'epochs'] as const).every(
        (name) => other[name] === job[name],
      ),
  );
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
  return isSized(job, context) && job.keep === 1 && job.pool === 'mean' && !tuned;
}

/** The width that most runs have. */
export function commonDim(cells: readonly Cell[]): number {
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

/** Order of the rows of a table: baselines, then models, each by initialisation. */
export function byModelAndInit(a: Cell, b: Cell): number {
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
export function nameOf({ init, vectors, pool, scale }: Job): string {
  if (init === null) return '–';
  const pooled = pool === 'mean' ? '' : `, ${pool} pooling`;
  const scaled = scale === null ? '' : `, scale ${scale}`;
  return vectors === null ? init : `${init} (${vectors}${pooled}${scaled})`;
}
