import { interactionsToCsr } from '../../src/data/csr.ts';
import { distinctness } from '../../src/embed/distinctness.ts';
import { lexicalEmbeddings } from '../../src/embed/lexical/lexicalEmbeddings.ts';
import { semanticIds } from '../../src/embed/semanticIds.ts';
import { evaluate, evaluateScorer } from '../../src/evaluate/evaluate.ts';
import { initialize } from '../../src/init/initialize.ts';
import { STRATEGIES } from '../../src/init/strategies/index.ts';
import { adamStep, gatherColumns, poolUsers, scoreTopK, selectColumns, spmm } from '../../src/kernels.ts';
import { ease } from '../../src/models/closed/ease.ts';
import { itemKnn } from '../../src/models/closed/itemKnn.ts';
import { keptInverse } from '../../src/models/closed/keptInverse.ts';
import { l3ae, l3aeModels } from '../../src/models/closed/l3ae.ts';
import { popularity } from '../../src/models/closed/popularity.ts';
import { svd } from '../../src/models/closed/svd.ts';
import { propagateTables } from '../../src/models/propagateTables.ts';
import { describeModel, MODELS } from '../../src/models/registry.ts';
import { BlendScorer } from '../../src/rank/blendScorer.ts';
import { scoreDeviation } from '../../src/rank/scoreDeviation.ts';
import { SequenceScorer } from '../../src/rank/sequenceScorer.ts';
import { TableScorer } from '../../src/rank/tableScorer.ts';
import type { Runtime } from '../../src/runtime/load.ts';
import { quantizeModel } from '../../src/serve/quantizeModel.ts';
import { fit } from '../../src/train/fit.ts';
import { codesFor } from '../models/identityCodes.ts';
import { catalogue, split, vectors } from '../recipe/shop.ts';
import { factorModel } from '../serve/sampleModels.ts';

/** A job that computes in memory of its own. */
export interface MemoryJob {
  readonly name: string;
  /** Why it may take less than it says; undefined: it takes that to the byte. */
  readonly less?: string;
  run(runtime: Runtime): Promise<unknown>;
}

const { train } = split;
const embeddings = await vectors();
const tables = await initialize(train, embeddings, { strategy: 'pca', dim: 8 });
const random = await initialize(train, null, { dim: 8 });
const csr = interactionsToCsr(train);
const knn = await itemKnn(train);
const table = new TableScorer('table', tables);
const blend = new BlendScorer('blend', [
  { scorer: table, weight: 0.4, deviation: 0.5 },
  { scorer: knn, weight: 1, deviation: 2 },
]);
const sasrec = await fit(split, random, { model: 'sasrec', epochs: 1 });
const sequences = new SequenceScorer('sasrec', { items: sasrec.factors.items, weights: sasrec.sequence! });

const trainings: MemoryJob[] = MODELS.map((model) => ({
  name: `fit of ${model}`,
  run: (runtime) => {
    const size = describeModel(model).kind === 'sequence' ? { batchSize: 8 } : { batchSize: 32 };
    return fit(split, random, { model, epochs: 1, ...size, ...codesFor(model, train.numItems), runtime });
  },
}));

const initialisations: MemoryJob[] = STRATEGIES.map((strategy) => ({
  name: `initialize by ${strategy}`,
  ...(strategy === 'graph-pca' && { less: 'items without a neighbour are counted as if all were' }),
  run: (runtime) =>
    initialize(train, embeddings, { strategy, ...(strategy !== 'full' && { dim: 6 }), runtime }),
}));

const rankings: MemoryJob[] = [table, knn, popularity(train), blend, sequences].map((scorer) => ({
  name: `evaluateScorer of ${scorer.name}`,
  run: (runtime) => evaluateScorer(scorer, split, { ks: [5, 10], runtime }),
}));

/** Jobs of every kind, small. */
export const MEMORY_JOBS: readonly MemoryJob[] = [
  ...trainings,
  ...initialisations,
  ...rankings,
  { name: 'evaluate', run: (runtime) => evaluate(tables, split, { runtime }) },
  {
    name: 'scoreDeviation',
    run: (runtime) => scoreDeviation(blend, [{ user: 0, history: [1, 2] }], { runtime }),
  },
  {
    name: 'lexicalEmbeddings',
    run: (runtime) => {
      const { texts } = catalogue.aligned(train.itemIds);
      return lexicalEmbeddings(train.itemIds, texts, { dim: 4, runtime });
    },
  },
  { name: 'distinctness', run: (runtime) => distinctness(embeddings, { runtime }) },
  { name: 'propagateTables', run: (runtime) => propagateTables(train, tables, { layers: 2, runtime }) },
  { name: 'svd', run: (runtime) => svd(train, { runtime }) },
  {
    name: 'semanticIds, and of new vectors',
    run: async (runtime) => {
      const ids = await semanticIds(embeddings, { levels: 2, size: 5, runtime });
      return ids.encode(embeddings.vectors);
    },
  },
  { name: 'quantizeModel', run: async (runtime) => quantizeModel(factorModel(), { to: 'int8', runtime }) },
  { name: 'ease', run: (runtime) => ease(train, { runtime }) },
  { name: 'keptInverse', run: (runtime) => keptInverse(train, { regularization: 50, runtime }) },
  { name: 'l3ae', run: (runtime) => l3ae(train, embeddings, { runtime }) },
  { name: 'l3ae of clicks alone', run: (runtime) => l3ae(train, null, { runtime }) },
  {
    name: 'l3ae in both forms',
    run: (runtime) =>
      l3aeModels(train, embeddings, [
        { form: 'sparse', runtime },
        { form: 'dense', runtime },
      ]),
  },
  {
    name: 'l3ae with an approximate search',
    less: 'what the search takes depends on how the vectors lie, and is not counted',
    run: (runtime) => l3ae(train, embeddings, { textSearch: 'approximate', runtime }),
  },
  { name: 'spmm', run: async (runtime) => spmm(runtime, csr, tables.items, 8) },
  { name: 'poolUsers', run: async (runtime) => poolUsers(runtime, csr, tables.items, 8) },
  { name: 'scoreTopK', run: async (runtime) => scoreTopK(runtime, tables.users, tables.items, 8, 5) },
  {
    name: 'selectColumns',
    run: async (runtime) => selectColumns(runtime, tables.items, 8, 'variance', { dim: 3 }),
  },
  {
    name: 'gatherColumns',
    run: async (runtime) => gatherColumns(runtime, tables.items, 8, Int32Array.of(3, 1)),
  },
  {
    name: 'adamStep',
    run: async (runtime) => {
      const state = { m: new Float32Array(50), v: new Float32Array(50), step: 0 };
      const params = new Float32Array(50);
      adamStep(runtime, params, new Float32Array(50).fill(1), state);
      return params;
    },
  },
];
