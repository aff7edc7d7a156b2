import { DataError, type Embeddings, meanAndSd, TrainingData } from '../../index.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { Trial } from '../args/variedOptions.ts';
import type { Dataset } from '../dataset.ts';
import { trainingProgress } from '../progress.ts';
import { limits, openSplit, type Session } from '../session.ts';
import { measured, tableText } from '../tables.ts';
import type { RunRecord } from './engine/runRecord.ts';
import type { RunStore } from './engine/store.ts';
import { StudyRuns } from './studyRuns.ts';

/** What a trial reached on the validation items of each seed. */
export interface TunedTrial {
  readonly values: Trial['values'];
  readonly runs: readonly { readonly seed: number; readonly valid: number; readonly bestEpoch: number }[];
  /** Validation NDCG@10 over the seeds. */
  readonly mean: number;
  readonly sd: number | null;
}

/**
 * Trains every trial with every seed and tells what each reached on the validation items, the best first; of equal ones
 * the earlier. Test items are not looked at.
 *
 * @throws {DataError} for a split without validation items
 * @throws {Interrupted} on Ctrl-C, saying how to go on
 */
export async function tuneTrials(
  trials: readonly Trial[],
  seeds: readonly number[],
  dataset: Dataset,
  embeddings: Embeddings | null,
  store: RunStore<'training'>,
  session: Session,
): Promise<TunedTrial[]> {
  const study = new StudyRuns(trials.length * seeds.length, store, session);
  const runs: RunRecord[][] = trials.map(() => []);
  try {
    for (const seed of seeds) {
      const { split, report } = openSplit(dataset, seed, session, 'asked');
      if (report.valid === 0) {
        const problem = 'expected validation interactions to choose by, the split has none';
        throw new DataError('tune', problem, 'Change --ratios, or pass --valid-share beside --split none');
      }
      const data = new TrainingData(split, embeddings);
      for (const [n, trial] of trials.entries())
        runs[n].push(await oneRun(trial, seed, data, study, session));
    }
  } catch (error) {
    throw study.stopped(error);
  }
  return trials.map((trial, n) => tuned(trial, runs[n])).sort((a, b) => b.mean - a.mean);
}

async function oneRun(
  trial: Trial,
  seed: number,
  data: TrainingData,
  study: StudyRuns,
  session: Session,
): Promise<RunRecord> {
  const { progress, signal } = session;
  const { init, options } = trial;
  const prepared = await prepareTraining(data, { ...options, seed, ...limits(session) });
  return study.run(
    `${trialName(trial)}, seed ${seed}`,
    { settings: prepared.settings, ks: [] },
    async (label) => {
      const hooks = { signal, onProgress: trainingProgress(progress, label) };
      const { result, metric, initialization } = await prepared.run(hooks);
      const { bestEpoch = 0, history = [] } = result ?? {};
      const { protocol = 'standard' } = options;
      const record: RunRecord = {
        ...{ protocol, init, seed, bestEpoch, epochs: history.length, valid: metric, metrics: {} },
        itemsWithoutVector: initialization?.itemsWithoutEmbedding.length ?? 0,
      };
      const best = `best epoch ${bestEpoch} of ${history.length}`;
      return { record, told: `validation N@10 ${(metric ?? 0).toFixed(4)}  ${best}` };
    },
  );
}

function trialName({ values }: Trial): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]))
    .join(', ');
}

function tuned({ values }: Trial, records: readonly RunRecord[]): TunedTrial {
  const runs = records.map(({ seed, valid, bestEpoch }) => ({ seed, valid: valid ?? 0, bestEpoch }));
  return { values, runs, ...meanAndSd(runs.map(({ valid }) => valid)) };
}

/** The trials as a table, the best first, under a line that says what was measured. */
export function tuningTable(trials: readonly TunedTrial[], seeds: readonly number[]): string {
  const names = Object.keys(trials[0].values);
  const rows = trials.map(({ values, runs, mean, sd }) => [
    ...names.map((name) => values[name] ?? '–'),
    measured(mean, sd),
    meanAndSd(runs.map(({ bestEpoch }) => bestEpoch)).mean.toFixed(1),
  ]);
  const spread = seeds.length > 1 ? ', mean ± sample sd' : '';
  const how = `${trials.length} trials by validation NDCG@10, seeds ${seeds.join(', ')}${spread}; no test item was looked at`;
  return [how, tableText([...names, 'N@10 valid', 'best epoch'], rows, names.length)].join('\n');
}

/** The flags of a trial, for `llminit train`. */
export function flagsOf({ values }: TunedTrial): string {
  return Object.entries(values)
    .flatMap(([name, value]) => {
      if (value === null || value === 'true') return [];
      return [value === 'false' ? `--no-${name}` : `--${name} ${value}`];
    })
    .join(' ');
}
