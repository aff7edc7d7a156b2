import { DataError, type Embeddings, meanAndSd } from '../../index.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { Trial } from '../args/variedOptions.ts';
import type { Dataset } from '../dataset.ts';
import { limits, openSplit, type Session } from '../session.ts';
import { measured, tableText } from '../tables.ts';
import type { RunRecord } from './engine/runRecord.ts';
import type { RunStore } from './engine/store.ts';
import { runStudy } from './engine/study.ts';
import type { AskedWorkers } from './engine/workers.ts';
import { type ForeseenRuns, tellForecast } from './forecasts.ts';
import { type PlannedTraining, SeedData, type TrainingResult, trainingMeans } from './trainingRunner.ts';

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
  workers: AskedWorkers,
  session: Session,
): Promise<TunedTrial[]> {
  const data = new SeedData((seed) => dataset.split(seed), embeddings);
  const { runs, foreseen: all } = await planned(trials, seeds, dataset, data, session);
  // What was found needs no time, and no workers.
  const foreseen = all.filter((_, n) => !store.find(runs[n].job));
  const means = trainingMeans({ data, dataset, embeddings, rerank: null }, workers, foreseen, session);
  tellForecast(foreseen, means.workers > 1 ? means.workers : null, session.progress);
  const results = await runStudy(runs, store, { ...means, told: reached }, session);
  return trials
    .map((trial, n) =>
      tuned(
        trial,
        results.filter((_, at) => at % trials.length === n),
      ),
    )
    .sort((a, b) => b.mean - a.mean);
}

/** All trials of the first seed, then those of the next. */
async function planned(
  trials: readonly Trial[],
  seeds: readonly number[],
  dataset: Dataset,
  data: SeedData,
  session: Session,
): Promise<{ runs: PlannedTraining[]; foreseen: ForeseenRuns[] }> {
  const runs: PlannedTraining[] = [];
  const foreseen: ForeseenRuns[] = [];
  for (const seed of seeds) {
    const { report } = await openSplit(
      { ...dataset, split: (seed) => data.of(seed).split },
      seed,
      session,
      'asked',
    );
    if (report.valid === 0) {
      const problem = 'expected validation interactions to choose by, the split has none';
      throw new DataError('tune', problem, 'Change --ratios, or pass --valid-share beside --split none');
    }
    for (const trial of trials) {
      const { init, options: own } = trial;
      const options = { ...own, seed };
      const { settings, forecast } = await prepareTraining(data.of(seed), { ...options, ...limits(session) });
      foreseen.push({ runs: 1, forecast });
      const { protocol = 'standard' } = own;
      const task = { init, protocol, seed, options, ks: [], perUser: false };
      runs.push({ name: `${trialName(trial)}, seed ${seed}`, job: { settings, ks: [] }, task });
    }
  }
  return { runs, foreseen };
}

function reached({ valid, bestEpoch, epochs }: TrainingResult, seconds: number): string {
  const best = `best epoch ${bestEpoch} of ${epochs} (${seconds.toFixed(1)} s)`;
  return `validation N@10 ${(valid ?? 0).toFixed(4)}  ${best}`;
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
