// Trains the entrants one after the other on one split, and measures how they end.
import {
  bootstrapInterval,
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  loadThreads,
  type MetricsResult,
  pairedGain,
  spectrum,
  type Trained,
  type TrainingData,
  type TrainOptions,
  train,
} from 'llminit';
import type { Entrant, EpochPoint, Finish } from '../messages.ts';
import * as store from './store.ts';

const METRIC = 'ndcg@10';
const SEED = 2020;
/** Epochs between two states that are kept. */
const CHECKPOINT_EVERY = 2;

interface RaceListener {
  onEpoch(point: EpochPoint): void;
  onFinish(finish: Finish): void;
}

/** What an entrant is, as options of `train`. */
function optionsOf(entrant: Entrant, dim: number): TrainOptions {
  if (entrant === 'l3ae') return { model: 'l3ae' };
  if (entrant === 'auto') return { dim };
  return { init: entrant, dim };
}

/**
 * Runs `job` from where it stands. What has ended, and the state of who is under way, are kept as they come.
 * @throws `signal.reason` when aborted
 */
export async function race(
  data: TrainingData,
  job: store.SavedJob,
  signal: AbortSignal,
  { onEpoch, onFinish }: RaceListener,
): Promise<void> {
  const runtime = await loadThreads();
  const finished = [...job.finished];
  const results = new Map<Entrant, MetricsResult>();
  for (const finish of finished) {
    const bytes = await store.read(`model-${finish.entrant}`);
    if (bytes) onFinish({ ...finish, bytes });
  }
  let running = job.running;
  for (const entrant of job.entrants) {
    if (finished.some((finish) => finish.entrant === entrant)) continue;
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const saved = running === entrant ? await store.read('checkpoint') : null;
    running = entrant;
    await store.writeJob({ ...job, finished, running: saved ? running : null });
    const trained = await train(data, {
      ...optionsOf(entrant, job.dim),
      runtime,
      seed: SEED,
      signal,
      checkpointEvery: CHECKPOINT_EVERY,
      resume: saved ? decodeCheckpoint(saved, 'checkpoint') : undefined,
      onCheckpoint: (checkpoint: Checkpoint) => keep(checkpoint, { ...job, finished, running: entrant }),
      onProgress: ({ name, fit }) => {
        if (fit?.kind === 'batch') return;
        const { epoch = 0, loss = null, metric = null } = fit ?? {};
        onEpoch({ entrant, trial: name, epoch, seconds: seconds(), loss, metric });
      },
    });
    const finish = await finishOf(entrant, trained, seconds(), results, data);
    onFinish(finish);
    await store.write(`model-${entrant}`, finish.bytes);
    const { bytes: _, ...record } = finish;
    finished.push(record);
    running = null;
    await store.writeJob({ ...job, finished, running });
  }
  runtime.close();
}

async function keep(checkpoint: Checkpoint, job: store.SavedJob): Promise<void> {
  await store.write('checkpoint', encodeCheckpoint(checkpoint));
  await store.writeJob(job);
}

async function finishOf(
  entrant: Entrant,
  trained: Trained,
  seconds: number,
  results: Map<Entrant, MetricsResult>,
  { embeddings }: TrainingData,
): Promise<Finish> {
  const result = await trained.evaluate({ ks: [10] });
  const own = result.perUser[METRIC];
  const [base] = results;
  results.set(entrant, result);
  const { initialization, factors } = trained;
  return {
    entrant,
    chosen: embeddings === null && entrant === 'auto' ? `${trained.chosen}, without texts` : trained.chosen,
    seconds,
    metric: result.means[METRIC],
    interval: interval(own),
    gain: base ? gainOver(base[0], base[1].perUser[METRIC], own) : null,
    rank:
      initialization && factors
        ? {
            start: spectrum(initialization.items, initialization.dim).effectiveRank,
            end: spectrum(factors.items, factors.dim).effectiveRank,
            dim: factors.dim,
          }
        : null,
    bytes: trained.encode(),
  };
}

/** Of the gain relative to the mean of `base`, over the same users. */
function gainOver(over: Entrant, base: Float64Array, own: Float64Array): Finish['gain'] {
  const mean = base.reduce((sum, value) => sum + value, 0) / base.length;
  const { relative } = pairedGain(base, own);
  if (relative === null) return null;
  const [low, high] = interval(own.map((value, n) => value - base[n]));
  return { over, relative, interval: [low / mean, high / mean] };
}

function interval(values: Float64Array): readonly [number, number] {
  const { low, high } = bootstrapInterval(values, { seed: SEED });
  return [low, high];
}
