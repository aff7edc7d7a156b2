import { describe, expect, it } from 'vitest';
import {
  chooseBlend,
  chooseClosed,
  DenseSession,
  Embeddings,
  ease,
  evaluate,
  evaluateScorer,
  findClosedModel,
  fit,
  INIT_NAMES,
  Interactions,
  initialize,
  itemKnn,
  keptInverse,
  l3ae,
  leaveOneOut,
  lexicalEmbeddings,
  load,
  MODELS,
  readInteractions,
  SparseSession,
  STRATEGIES,
  scoreDeviation,
  semanticIds,
  train,
} from '../../src/index.ts';
import { randomIndices, randomValues } from '../kernels/harness.ts';

const rows = Array.from({ length: 30 }, (_, user) =>
  [...new Set(randomIndices(6, 20, user))].map((item) => ({ user: `u${user}`, item: `i${item}` })),
).flat();
const split = leaveOneOut(Interactions.from(rows));
const ids = [...split.train.itemIds];
const embeddings = new Embeddings({
  ...{ ids, width: 12, source: 'test' },
  vectors: randomValues(ids.length * 12, 1),
});
const runtime = await load();
const tables = await initialize(split.train, null, { dim: 4 });
const scorer = await itemKnn(split.train);

const CLOSED = ['popularity', 'item-knn', 'ease', 'svd', 'text-only', 'l3ae'] as const;

/** Everything that may be stopped, small: what is stopped before it begins is to do nothing, however short it is. */
const JOBS: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  ...Object.fromEntries(
    [...MODELS, ...CLOSED].map((model) => [
      `train ${model}`,
      (signal: AbortSignal) => train({ split, embeddings }, { model, signal }),
    ]),
  ),
  ...Object.fromEntries(
    STRATEGIES.map((strategy) => [
      `initialize ${strategy}`,
      (signal: AbortSignal) => initialize(split.train, embeddings, { strategy, signal }),
    ]),
  ),
  ...Object.fromEntries(
    INIT_NAMES.map((init) => [
      `train from ${init}`,
      (signal: AbortSignal) => train({ split, embeddings }, { init, signal }),
    ]),
  ),
  fit: (signal) => fit(split, tables, { epochs: 1, signal }),
  evaluate: (signal) => evaluate(tables, split, { signal }),
  evaluateScorer: (signal) => evaluateScorer(scorer, split, { signal }),
  ease: (signal) => ease(split.train, { signal }),
  itemKnn: (signal) => itemKnn(split.train, { signal }),
  l3ae: (signal) => l3ae(split.train, embeddings, { signal }),
  'dense l3ae': (signal) => l3ae(split.train, embeddings, { form: 'dense', signal }),
  keptInverse: (signal) => keptInverse(split.train, { signal }),
  'DenseSession.open': (signal) => DenseSession.open(split.train, embeddings, { signal }),
  'SparseSession.open': (signal) => SparseSession.open(split.train, { signal }),
  chooseClosed: (signal) => chooseClosed(findClosedModel('l3ae')!, split, embeddings, { runtime, signal }),
  chooseBlend: (signal) => chooseBlend('both', [scorer, scorer], split, { runtime, signal }),
  scoreDeviation: (signal) => scoreDeviation(scorer, [{ user: 0, history: [0] }], { runtime, signal }),
  semanticIds: (signal) => semanticIds(embeddings, { signal }),
  lexicalEmbeddings: (signal) =>
    lexicalEmbeddings(
      ids,
      ids.map((id) => `the ${id} of many`),
      { signal },
    ),
  readInteractions: (signal) => readInteractions('user,item\na,b\n', { name: 'x', signal }),
};

describe('with a signal that is aborted already', () => {
  it.each(Object.entries(JOBS))('%s does nothing and rejects with its reason', async (_, run) => {
    const reason = new Error('never mind');
    await expect(run(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
