import { DataError, type Embeddings, meanAndSd, TrainingData } from '../../index.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { Trial } from '../args/variedOptions.ts';
import type { Dataset } from '../dataset.ts';
import { Interrupted } from '../errors.ts';
import { trainingProgress } from '../progress.ts';
import { openSplit, type Session } from '../session.ts';
import { measured, tableText } from '../tables.ts';
import { Stopwatch } from '../timeLeft.ts';
import type { Results, RunRecord } from './results.ts';

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
 * @param path of the file behind `results`; undefined for none
 * @throws {DataError} for a split without validation items
 * @throws {Interrupted} on Ctrl-C, saying how to go on
 */
export async function tuneTrials(
  trials: readonly Trial[],
  seeds: readonly number[],
  dataset: Dataset,
  embeddings: Embeddings | null,
  results: Results,
  path: string | undefined,
  session: Session,
): Promise<TunedTrial[]> {
  const watch = new Stopwatch();
  const total = trials.length * seeds.length;
  const runs: RunRecord[][] = trials.map(() => []);
  let done = 0;
  try {
    for (const seed of seeds) {
      const { split, report } = openSplit(dataset, seed, session);
      if (report.valid === 0) {
        const problem = 'expected validation interactions to choose by, the split has none';
        throw new DataError('tune', problem, 'Change --ratios, or pass --valid-share beside --split none');
      }
      const data = new TrainingData(split, embeddings);
      for (const [n, trial] of trials.entries()) {
        session.signal.throwIfAborted();
        const left = watch.left('runs', done, total, results.found);
        const place = [`${done + 1}/${total}`, left].filter((part) => part !== '').join(', ');
        runs[n].push(
          await oneRun(trial, seed, data, `[${place}] ${trialName(trial)}, seed ${seed}:`, results, session),
        );
        done++;
      }
    }
  } catch (error) {
    if (!(error instanceof Interrupted) || path === undefined) throw error;
    const state = `${done} of ${total} runs are in ${path}; go on with the same command`;
    throw new Interrupted(error.signal, state);
  }
  return trials.map((trial, n) => tuned(trial, runs[n])).sort((a, b) => b.mean - a.mean);
}

async function oneRun(
  { init, options }: Trial,
  seed: number,
  data: TrainingData,
  label: string,
  results: Results,
  { runtime, progress, signal }: Session,
): Promise<RunRecord> {
  const prepared = await prepareTraining(data, { ...options, seed, runtime });
  const found = results.find(prepared.settings, []);
  if (found) {
    progress.line(`${label} found`);
    return found;
  }
  const onProgress = trainingProgress(progress, label);
  const { result, metric, initialization } = await prepared.run({ signal, onProgress }).finally(progress.end);
  const { bestEpoch = 0, history = [] } = result ?? {};
  const { protocol = 'standard' } = options;
  const record: RunRecord = {
    ...{ protocol, init, seed, bestEpoch, epochs: history.length, valid: metric, metrics: {} },
    itemsWithoutVector: initialization?.itemsWithoutEmbedding.length ?? 0,
  };
  await results.add(record, prepared.settings, []);
  progress.line(
    `${label} validation N@10 ${(metric ?? 0).toFixed(4)}  best epoch ${bestEpoch} of ${history.length}`,
  );
  return record;
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
