import type { Embeddings, Protocol, TrainOptions } from '../../index.ts';
import { readsOrder } from '../../models/registry.ts';
import { type BaselineName, baselineSettings, isBaseline } from '../../recipe/baselines.ts';
import { readWith } from '../../recipe/checkOptions.ts';
import { prepareTraining } from '../../recipe/train.ts';
import { orderWarning } from '../../train/orderOfTime.ts';
import type { InitName } from '../args/initNames.ts';
import type { RecipeOptions } from '../args/options.ts';
import type { Dataset } from '../dataset.ts';
import { limits, openSplit, type Session } from '../session.ts';
import type { RunStore } from './engine/store.ts';
import { runStudy } from './engine/study.ts';
import type { AskedWorkers } from './engine/workers.ts';
import { type ForeseenRuns, tellForecast } from './forecasts.ts';
import type { MeasureOptions, PerUserFile } from './measures.ts';
import type { RerankRuns } from './rerankRuns.ts';
import { type PlannedTraining, SeedData, type TrainingResult, trainingMeans } from './trainingRunner.ts';

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

/** All runs, seed by seed. @throws {Interrupted} on Ctrl-C, saying how to go on */
export async function runAll(
  plan: ComparisonPlan,
  dataset: Dataset,
  embeddings: Embeddings | null,
  { perUser, rerank, runs: store }: ComparisonStore,
  workers: AskedWorkers,
  session: Session,
): Promise<Omit<TrainingResult, 'perUser'>[]> {
  const data = new SeedData((seed) => dataset.split(seed), embeddings);
  const { runs, foreseen: all } = await planned(plan, dataset, data, { perUser, rerank }, session);
  // What was found needs no time, and no workers.
  const foreseen = all.filter((_, n) => !store.find(runs[n].job));
  const means = trainingMeans({ data, dataset, embeddings, rerank }, workers, foreseen, session);
  tellForecast(foreseen, means.workers > 1 ? means.workers : null, session.progress);
  const told = (result: TrainingResult, seconds: number) => reached(result, plan.ks[0], seconds);
  const results = await runStudy(runs, store, { ...means, told }, session);
  return results.map(({ perUser: users, ...result }: TrainingResult) => {
    if (users) perUser?.add(result, dataset.userIds, users);
    return result;
  });
}

/** All runs with what decides them, so that what cannot work is refused before the first of them. */
async function planned(
  { inits, baselines, seeds, protocols, recipe, ks, seen, beyond }: ComparisonPlan,
  dataset: Dataset,
  data: SeedData,
  { perUser, rerank }: Pick<ComparisonStore, 'perUser' | 'rerank'>,
  session: Session,
): Promise<{ runs: PlannedTraining[]; foreseen: ForeseenRuns[] }> {
  const runs: PlannedTraining[] = [];
  const foreseen: ForeseenRuns[] = [];
  for (const seed of seeds) {
    await openSplit({ ...dataset, split: (seed) => data.of(seed).split }, seed, session, 'never');
    const warning = seed === seeds[0] && readsOrder(recipe.model) && orderWarning(data.of(seed).split);
    if (warning) session.progress.line(warning);
    for (const protocol of protocols) {
      for (const init of [...inits, ...baselines]) {
        const options = isBaseline(init)
          ? baselineOptions(init, recipe, seed, protocol)
          : optionsOf(recipe, init, seed, protocol);
        const prepared = await prepareTraining(data.of(seed), { ...options, ...limits(session) });
        foreseen.push({ runs: 1, forecast: prepared.forecast });
        const { dim } = recipe;
        const settings = isBaseline(init)
          ? await baselineSettings(init, data.of(seed), { protocol, seed, dim, signal: session.signal })
          : { ...prepared.settings, ...rerank?.settings };
        const task = { init, protocol, seed, options, ks, seen, beyond, perUser: perUser !== null };
        runs.push({ name: `${protocol}, seed ${seed}, ${init}`, job: { settings, ks }, task });
      }
    }
  }
  return { runs, foreseen };
}

function reached({ metrics, bestEpoch, epochs }: TrainingResult, k: number, seconds: number): string {
  const found = `R@${k} ${metrics[`recall@${k}`].toFixed(4)}  N@${k} ${metrics[`ndcg@${k}`].toFixed(4)}`;
  return `${found}  best epoch ${bestEpoch} of ${epochs} (${seconds.toFixed(1)} s)`;
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

/** Those of a model without epochs, whose settings are found by validation. */
function baselineOptions(
  model: BaselineName,
  { dim }: RecipeOptions,
  seed: number,
  protocol: Protocol,
): TrainOptions {
  return { model, ...(model === 'text-only' && { dim }), seed, protocol };
}
