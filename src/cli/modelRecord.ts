import type { MetricsResult, Trained } from '../index.ts';
import type { DataReport } from './dataset.ts';
import type { EmbeddingReport } from './embedder.ts';
import { VERSION } from './version.ts';

/** How a model was made, for its file: every option that matters, without paths or times. */
export function configOf(
  { config: { inputs, ...config } }: Pick<Trained, 'config'>,
  data: DataReport,
  embeddings: EmbeddingReport,
) {
  const { source, width, withVector, sources } = embeddings;
  return {
    llminit: VERSION,
    ...config,
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
export function metricsOf({ metrics }: Trained, test: MetricsResult | null) {
  return { ...metrics, test: test && { ...test.means }, testUsers: test?.users.length ?? 0 };
}
