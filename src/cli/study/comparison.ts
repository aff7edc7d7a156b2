import { type Embeddings, type Protocol, TrainingData, type TrainOptions } from '../../index.ts';
import { type BaselineName, baselineSettings, isBaseline, runBaseline } from '../../recipe/baselines.ts';
import { readWith } from '../../recipe/checkOptions.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { InitName } from '../args/initNames.ts';
import type { RecipeOptions } from '../args/options.ts';
import type { Dataset } from '../dataset.ts';
import { Interrupted } from '../errors.ts';
import { trainingProgress } from '../progress.ts';
import { openSplit, type Session } from '../session.ts';
import { Stopwatch } from '../timeLeft.ts';
import type { MeasureOptions, PerUserFile } from './measures.ts';
import type { Results, RunRecord } from './results.ts';

/** What `evaluate` compares: every init and baseline, under every protocol, with every seed. */
export interface ComparisonPlan extends Pick<MeasureOptions, 'seen' | 'beyond'> {
  readonly inits: readonly InitName[];
  readonly baselines: readonly BaselineName[];
  readonly seeds: readonly number[];
  readonly protocols: readonly Protocol[];
  readonly recipe: RecipeOptions;
  /** Cut-offs, ascending. */
  readonly ks: readonly number[];
}

/** Where finished runs are kept. */
export interface ComparisonStore {
  readonly results: Results;
  /** The file behind `results`; undefined for none. */
  readonly path: string | undefined;
  readonly perUser: PerUserFile | null;
}

/** One run of the study: what is measured, on which data. */
interface StudyRun {
  readonly seed: number;
  readonly protocol: Protocol;
  /** Shared by all runs of the seed. */
  readonly data: TrainingData;
  readonly label: string;
}

/** All runs, seed by seed. @throws {Interrupted} on Ctrl-C, saying how to go on */
export async function runAll(
  plan: ComparisonPlan,
  dataset: Dataset,
  embeddings: Embeddings | null,
  store: ComparisonStore,
  session: Session,
): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  const watch = new Stopwatch();
  const { inits, baselines, seeds, protocols } = plan;
  const total = protocols.length * seeds.length * (inits.length + baselines.length);
  try {
    for (const seed of seeds) {
      const { split } = openSplit(dataset, seed, session);
      const data = new TrainingData(split, embeddings);
      if (seed === seeds[0]) await checkInits(plan, data, session);
      for (const protocol of protocols) {
        for (const name of [...inits, ...baselines]) {
          const left = watch.left('runs', runs.length, total, store.results.found);
          const place = [`${runs.length + 1}/${total}`, left].filter((part) => part !== '').join(', ');
          const label = `[${place}] ${protocol}, seed ${seed}, ${name}:`;
          const run = { seed, protocol, data, label };
          session.signal.throwIfAborted();
          runs.push(
            isBaseline(name)
              ? await oneBaseline(name, run, plan, store, session)
              : await oneRun(name, run, plan, store, session),
          );
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Interrupted) || store.path === undefined) throw error;
    const state = `${runs.length} of ${total} runs are in ${store.path}; go on with the same command`;
    throw new Interrupted(error.signal, state);
  }
  return runs;
}

/** Stops the study before its first training where an init cannot work; nothing is computed. */
async function checkInits(
  { inits, recipe, seeds, protocols }: ComparisonPlan,
  data: TrainingData,
  { runtime }: Session,
): Promise<void> {
  for (const init of inits) {
    const options = optionsOf(recipe, init, seeds[0], protocols[0]);
    await prepareTraining(data, { ...options, runtime });
  }
}

async function oneRun(
  init: InitName,
  { seed, protocol, data, label }: StudyRun,
  { recipe, ks, seen, beyond }: ComparisonPlan,
  { results, path, perUser }: ComparisonStore,
  { runtime, progress, signal }: Session,
): Promise<RunRecord> {
  const options = optionsOf(recipe, init, seed, protocol);
  const prepared = await prepareTraining(data, { ...options, runtime });
  const found = results.find(prepared.settings, ks);
  if (found) {
    progress.line(`${label} found in ${path}`);
    return found;
  }
  const started = performance.now();
  const onProgress = trainingProgress(progress, label);
  const trained = await prepared.run({ signal, onProgress }).finally(progress.end);
  const test = await trained.evaluate({ ks, seen, beyond, signal });
  perUser?.add({ protocol, init, seed }, data, test);
  const { result, initialization, metric: valid } = trained;
  const { bestEpoch = 0, history = [] } = result ?? {};
  const record: RunRecord = {
    ...{ protocol, init, seed, bestEpoch, epochs: history.length, valid },
    metrics: { ...test.means, ...test.beyond },
    itemsWithoutVector: initialization?.itemsWithoutEmbedding.length ?? 0,
  };
  await results.add(record, prepared.settings, ks);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const best = `best epoch ${bestEpoch} of ${record.epochs} (${seconds} s)`;
  progress.line(`${label} ${reached(record, ks[0])}  ${best}`);
  return record;
}

async function oneBaseline(
  name: BaselineName,
  { seed, protocol, data, label }: StudyRun,
  { recipe: { dim }, ks }: ComparisonPlan,
  { results, path }: ComparisonStore,
  { runtime, progress, signal }: Session,
): Promise<RunRecord> {
  const settings = await baselineSettings(name, data, { protocol, seed, dim, signal });
  const found = results.find(settings, ks);
  if (found) {
    progress.line(`${label} found in ${path}`);
    return found;
  }
  const { valid, test } = await runBaseline(name, data, { dim, seed, protocol, ks, runtime, signal });
  const record: RunRecord = {
    ...{ protocol, init: name, seed, bestEpoch: 0, epochs: 0, valid, metrics: { ...test.means } },
    itemsWithoutVector: 0,
  };
  await results.add(record, settings, ks);
  progress.line(`${label} ${reached(record, ks[0])}`);
  return record;
}

function reached({ metrics }: RunRecord, k: number): string {
  return `R@${k} ${metrics[`recall@${k}`].toFixed(4)}  N@${k} ${metrics[`ndcg@${k}`].toFixed(4)}`;
}

/** The options of one run: those of the recipe that the init reads. */
export function optionsOf(
  recipe: RecipeOptions,
  init: InitName,
  seed: number,
  protocol: Protocol,
): TrainOptions {
  return readWith(init, { ...recipe, init, seed, protocol });
}
