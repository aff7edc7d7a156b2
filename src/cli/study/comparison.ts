import { type Embeddings, type Protocol, TrainingData, type TrainOptions } from '../../index.ts';
import { type BaselineName, baselineSettings, isBaseline, runBaseline } from '../../recipe/baselines.ts';
import { readWith } from '../../recipe/checkOptions.ts';
import type { Forecast } from '../../recipe/forecast.ts';
import { prepareTraining } from '../../recipe/train.ts';
import type { InitName } from '../args/initNames.ts';
import type { RecipeOptions } from '../args/options.ts';
import type { Dataset } from '../dataset.ts';
import { forecastLines } from '../predicted.ts';
import { trainingProgress } from '../progress.ts';
import { limits, openSplit, type Session } from '../session.ts';
import type { RunRecord } from './engine/runRecord.ts';
import type { RunStore } from './engine/store.ts';
import type { MeasureOptions, PerUserFile } from './measures.ts';
import type { RerankRuns } from './rerankRuns.ts';
import { StudyRuns } from './studyRuns.ts';

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

/** Where what was measured is kept. */
export interface ComparisonStore {
  readonly runs: RunStore<'training'>;
  readonly perUser: PerUserFile | null;
  /** null where nothing is re-ranked. */
  readonly rerank: RerankRuns | null;
}

/** The runs of one seed: what they share. */
interface SeedRuns {
  readonly plan: ComparisonPlan;
  readonly seed: number;
  readonly data: TrainingData;
  readonly study: StudyRuns;
  readonly perUser: PerUserFile | null;
  readonly rerank: RerankRuns | null;
  readonly session: Session;
}

/** All runs, seed by seed. @throws {Interrupted} on Ctrl-C, saying how to go on */
export async function runAll(
  plan: ComparisonPlan,
  dataset: Dataset,
  embeddings: Embeddings | null,
  { perUser, rerank, runs: store }: ComparisonStore,
  session: Session,
): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  const { inits, baselines, seeds, protocols } = plan;
  const total = protocols.length * seeds.length * (inits.length + baselines.length);
  const study = new StudyRuns(total, store, session);
  try {
    for (const seed of seeds) {
      const { split } = openSplit(dataset, seed, session, 'never');
      const data = new TrainingData(split, embeddings);
      if (seed === seeds[0]) await checkInits(plan, data, session);
      const shared = { plan, seed, data, study, perUser, rerank, session };
      for (const protocol of protocols)
        for (const name of [...inits, ...baselines])
          runs.push(
            isBaseline(name)
              ? await oneBaseline(name, protocol, shared)
              : await oneRun(name, protocol, shared),
          );
    }
  } catch (error) {
    throw study.stopped(error);
  }
  return runs;
}

/** Stops the study before its first training where an init cannot work; nothing is computed. */
async function checkInits(
  { inits, recipe, seeds, protocols }: ComparisonPlan,
  data: TrainingData,
  session: Session,
): Promise<void> {
  let longest: Forecast | null = null;
  for (const init of inits) {
    const options = optionsOf(recipe, init, seeds[0], protocols[0]);
    const { forecast } = await prepareTraining(data, { ...options, ...limits(session) });
    if (forecast.seconds > (longest?.seconds ?? 0)) longest = forecast;
  }
  for (const line of longest ? forecastLines(longest) : []) session.progress.line(`a run is ${line}`);
}

async function oneRun(
  init: InitName,
  protocol: Protocol,
  { plan, seed, data, study, perUser, rerank, session }: SeedRuns,
): Promise<RunRecord> {
  const { recipe, ks, seen, beyond } = plan;
  const { progress, signal } = session;
  const options = optionsOf(recipe, init, seed, protocol);
  const prepared = await prepareTraining(data, { ...options, ...limits(session) });
  const settings = { ...prepared.settings, ...rerank?.settings };
  return study.run(`${protocol}, seed ${seed}, ${init}`, { settings, ks }, async (label) => {
    const started = performance.now();
    const trained = await prepared.run({ signal, onProgress: trainingProgress(progress, label) });
    progress.end();
    const test = await trained.evaluate({ ks, seen, beyond, signal });
    perUser?.add({ protocol, init, seed }, data, test);
    const { result, initialization, metric: valid } = trained;
    const { bestEpoch = 0, history = [] } = result ?? {};
    const record: RunRecord = {
      ...{ protocol, init, seed, bestEpoch, epochs: history.length, valid },
      metrics: { ...test.means, ...test.beyond },
      itemsWithoutVector: initialization?.itemsWithoutEmbedding.length ?? 0,
      ...(rerank && { rerank: await rerank.measure(trained, seed, ks[0], label) }),
    };
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const best = `best epoch ${bestEpoch} of ${record.epochs} (${seconds} s)`;
    return { record, told: `${reached(record, ks[0])}  ${best}` };
  });
}

async function oneBaseline(
  name: BaselineName,
  protocol: Protocol,
  { plan, seed, data, study, perUser, session }: SeedRuns,
): Promise<RunRecord> {
  const { recipe, ks, seen, beyond } = plan;
  const { dim } = recipe;
  const { runtime, signal } = session;
  const settings = await baselineSettings(name, data, { protocol, seed, dim, signal });
  return study.run(`${protocol}, seed ${seed}, ${name}`, { settings, ks }, async () => {
    const options = { dim, seed, protocol, ks, seen, beyond, runtime, signal };
    const { valid, test } = await runBaseline(name, data, options);
    perUser?.add({ protocol, init: name, seed }, data, test);
    const record: RunRecord = {
      ...{ protocol, init: name, seed, bestEpoch: 0, epochs: 0, valid },
      metrics: { ...test.means, ...test.beyond },
      itemsWithoutVector: 0,
    };
    return { record, told: reached(record, ks[0]) };
  });
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
