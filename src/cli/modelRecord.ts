import type { DataReport } from './dataset.ts';
import type { EmbeddingReport } from './embedder.ts';
import type { FinishedRun, PreparedRun } from './run.ts';
import { VERSION } from './version.ts';

/** How a model was made, for its file: every option that matters, without paths or times. */
export function configOf(
  { settings }: PreparedRun,
  { initialization, chosenScale }: FinishedRun,
  data: DataReport,
  embeddings: EmbeddingReport,
) {
  const { fit, inputs, ...init } = settings;
  const { source, width, withVector, sources } = embeddings;
  return {
    ...{ llminit: VERSION, ...init, scale: chosenScale ?? init.scale, ...fit },
    varianceKept: initialization.varianceKept,
    embeddings: source === null ? null : { source, width, itemsWithVector: withVector, origins: sources },
    data: {
      files: data.files.map(({ file }) => file),
      stages: data.stages.map((stage) => ({ ...stage })),
      split: { ...data.split },
      ...{ users: data.users, items: data.items, interactions: data.interactions },
    },
    inputs,
  };
}

/** What a model achieved, for its file. */
export function metricsOf({ result, test }: FinishedRun, protocol: string) {
  const { bestEpoch, bestMetric, history, stoppedBy } = result;
  return {
    ...{ protocol, bestEpoch, stoppedBy },
    epochs: history.length,
    lossFirst: history[0].loss,
    lossLast: history[history.length - 1].loss,
    valid: bestMetric === null ? null : { 'ndcg@10': bestMetric },
    test: { ...test.means },
    testUsers: test.users.length,
  };
}
