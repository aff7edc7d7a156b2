import {
  type ArgumentKind,
  argument,
  arrayOf,
  having,
  maybe,
  RECORD,
  TEXT,
} from '../../../options/arguments.ts';
import type { DatasetRecord, ExperimentRun, Job, JobResult, SplitRecord, SystemCost } from '../jobs.ts';
import type { RerankRecord } from '../rerankRuns.ts';
import type { RunRecord, TrainingJob, TrainingRun } from './runRecord.ts';

/** A number of JSON, which has no NaN; 1e999 is read as Infinity. */
const FINITE = argument<number>('a number', Number.isFinite);
const COUNT = argument<number>(
  'a whole number from 0',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);
const BOOLEAN = argument<boolean>('true or false', (value) => typeof value === 'boolean');
const METRICS = argument<Readonly<Record<string, number>>>(
  'numbers by name',
  (value) => RECORD.is(value) && Object.values(value).every(Number.isFinite),
);
/** One byte a user, in base64. */
const BASE64 = argument<string>(
  'bytes in base64',
  (value) => typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
);

/** A dataset of a study. */
export const DATASET_RECORD = having<DatasetRecord>('a dataset', {
  ...{ name: TEXT, digest: TEXT, users: COUNT, items: COUNT, interactions: COUNT },
  vectors: arrayOf(
    'vectors',
    having<DatasetRecord['vectors'][number]>('vectors', {
      ...{ name: TEXT, width: COUNT, itemsWithout: COUNT, weight: maybe(FINITE), origins: maybe(METRICS) },
    }),
  ),
  origins: maybe(METRICS),
});

/** A split of a study, with a byte for each of its test users. */
export const SPLIT_RECORD = argument<SplitRecord>('a split', (value) => {
  if (!SPLIT.is(value)) return false;
  const { testUsers, historyBuckets, popularityBuckets } = value;
  return [historyBuckets, popularityBuckets].every((bytes) => bytesIn(bytes) === testUsers);
});

const SPLIT = having<SplitRecord>('a split', {
  ...{
    dataset: TEXT,
    order: TEXT,
    seed: COUNT,
    keep: FINITE,
    users: COUNT,
    items: COUNT,
    interactions: COUNT,
  },
  ...{ testUsers: COUNT, historyBuckets: BASE64, popularityBuckets: BASE64 },
});

const JOB = having<Job>('a job', {
  ...{
    dataset: TEXT,
    vectors: maybe(TEXT),
    model: TEXT,
    init: maybe(TEXT),
    dim: COUNT,
    graphWeight: maybe(FINITE),
  },
  ...{ scale: maybe(FINITE), pool: TEXT, protocol: TEXT, order: TEXT, seed: COUNT, keep: FINITE },
  ...{ batch: COUNT, epochs: COUNT, training: maybe(TEXT), condition: maybe(TEXT) },
  ...{ system: maybe(TEXT), chat: maybe(TEXT) },
});

const TRIAL = having<{ name: string; valid: number | null }>('a trial', { name: TEXT, valid: maybe(FINITE) });

const SPECTRUM = having<{ effectiveRank: number; singularValues: readonly number[] }>('a spectrum', {
  effectiveRank: FINITE,
  singularValues: arrayOf('numbers', FINITE),
});

const COST = having<SystemCost>('a cost', {
  ...{ parameters: COUNT, flops: FINITE, tokens: maybe(COUNT) },
  ...{ newItem: TEXT, stranger: BOOLEAN, worker: BOOLEAN },
});

const RESULT = having<JobResult>('a result', {
  ...{ valid: FINITE, bestEpoch: COUNT, epochs: COUNT, seconds: FINITE, metrics: METRICS, ranks: BASE64 },
  ...{ processorSeconds: maybe(FINITE), bytes: maybe(COUNT), cost: maybe(COST) },
  perUser: maybe(having<NonNullable<JobResult['perUser']>>('values', { recall: BASE64, ndcg: BASE64 })),
  diagnostics: maybe(
    having<NonNullable<JobResult['diagnostics']>>('diagnostics', {
      ...{
        initial: SPECTRUM,
        trained: maybe(SPECTRUM),
        varianceKept: maybe(FINITE),
        untrained: maybe(FINITE),
      },
    }),
  ),
  contest: maybe(
    having<NonNullable<JobResult['contest']>>('a choice', {
      ...{ chosen: TEXT, compared: COUNT, trials: arrayOf('trials', TRIAL) },
    }),
  ),
});

/** A finished run of a study. */
export const EXPERIMENT_RUN = having<ExperimentRun>('a run', { job: JOB, result: RESULT });

const RERANK = having<RerankRecord>('a re-ranking', {
  ...{
    model: TEXT,
    candidates: COUNT,
    estimate: RECORD,
    calibration: maybe(RECORD),
    evaluation: maybe(RECORD),
  },
});

/** What a training of `evaluate` or `tune` reached. */
const RUN_RECORD = having<RunRecord>('a result', {
  ...{ protocol: TEXT, init: TEXT, seed: COUNT, bestEpoch: COUNT, epochs: COUNT, valid: maybe(FINITE) },
  ...{ metrics: METRICS, itemsWithoutVector: COUNT, rerank: maybe(RERANK) },
});

/** A finished training of `evaluate` or `tune`, with what decided it. */
export const TRAINING_RUN = having<TrainingRun>('a run', {
  job: having<TrainingJob>('settings and cut-offs', { settings: RECORD, ks: arrayOf('cut-offs', COUNT) }),
  result: RUN_RECORD,
});

/** The position of the first value that is not of a kind; -1 for none. */
export function firstOther(values: readonly unknown[], kind: ArgumentKind): number {
  return values.findIndex((value) => !kind.is(value));
}

/** Bytes that a text in base64 stands for. */
export function bytesIn(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}
