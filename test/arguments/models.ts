import simdBytes from '../../build/simd.wasm';
import * as llminit from '../../src/index.ts';
import * as kernels from '../../src/kernels.ts';
import {
  catalogue,
  checkpoint,
  csr,
  embeddings,
  runtime,
  scorer,
  split,
  tables,
  train,
  trained,
  values,
} from './samples.ts';
import type { Call } from './wrong.ts';

const OPTIONS = 'none {} bare';
const { BlendScorer, DenseSession, ItemScorer, RowScorer, SparseSession, TableScorer, TrainingData } =
  llminit;
const knn = await llminit.itemKnn(train);
const popular = llminit.popularity(train);
const blend = new BlendScorer('blend', [{ scorer: knn, weight: 1, deviation: 1 }]);
const query = { user: 0, history: [0, 1] };
const data = () => new TrainingData(split, embeddings, catalogue);
const QUICK = { init: 'variance', epochs: 1, dim: 2 };
const f32 = (length: number) => new Float32Array(length).fill(0.5);
const adapter = () => ({ width: 2, dim: 3, linear: f32(6), branch: null });
const dense = await DenseSession.open(train, null, { runtime });
const sparse = await SparseSession.open(train, { runtime });
const easy = await llminit.train({ split }, { model: 'ease' });

/** Numbers on arrays. */
export const ARRAYS: Readonly<Record<string, Call>> = {
  columnVariance: { call: llminit.columnVariance, args: () => [runtime, f32(8), 4] },
  gatherColumns: { call: llminit.gatherColumns, args: () => [runtime, f32(8), 4, Int32Array.of(1)] },
  selectColumns: {
    call: llminit.selectColumns,
    args: () => [runtime, values.slice(), 4, 'variance', { dim: 2 }],
  },
  poolUsers: {
    call: llminit.poolUsers,
    args: () => [runtime, csr, f32(csr.cols * 2), 2, 'mean'],
    takes: { 4: 'none' },
  },
  spmm: { call: llminit.spmm, args: () => [runtime, csr, f32(csr.cols * 2), 2, {}], takes: { 4: OPTIONS } },
  adamStep: {
    call: kernels.adamStep,
    args: () => [runtime, f32(4), f32(4), { m: f32(4), v: f32(4), step: 0 }, {}],
    takes: { 4: OPTIONS },
  },
  sgdStep: { call: kernels.sgdStep, args: () => [runtime, f32(4), f32(4), 0.1], takes: { 3: '7' } },
  scoreTopK: {
    call: kernels.scoreTopK,
    args: () => [runtime, f32(4), f32(8), 2, 1, {}],
    takes: { 4: '7', 5: OPTIONS },
  },
  meanAndSd: { call: llminit.meanAndSd, args: () => [[1, 2]], takes: { 0: '[1]' } },
  pairedGain: { call: llminit.pairedGain, args: () => [[1], [2]], takes: { 0: '[1]', 1: '[1]' } },
  signTest: { call: llminit.signTest, args: () => [[1, -1]], takes: { 0: '[1]' } },
  bootstrapInterval: {
    call: llminit.bootstrapInterval,
    args: () => [[1, 2], { seed: 1 }],
    takes: { 0: '[1]' },
  },
  spectrum: { call: llminit.spectrum, args: () => [f32(8), 4] },
  userMetrics: {
    call: llminit.userMetrics,
    args: () => [Int32Array.of(1, 2), [1], [1, 2], { scores: [2, 1] }],
    takes: { 1: '[1]', 2: '[1]', 3: 'none' },
  },
  historyBuckets: { call: llminit.historyBuckets, args: () => [train] },
  popularityBuckets: { call: llminit.popularityBuckets, args: () => [train] },
  scoreDeviation: { call: llminit.scoreDeviation, args: () => [knn, [query], { runtime }] },
  adapterRows: { call: llminit.adapterRows, args: () => [adapter(), f32(4)] },
};

/** Models, their training and evaluation. */
export const MODELS: Readonly<Record<string, Call>> = {
  load: { call: llminit.load, args: () => [{}], takes: { 0: OPTIONS } },
  loadSync: {
    call: llminit.loadSync,
    args: () => [new WebAssembly.Module(simdBytes as BufferSource), {}],
    takes: { 1: OPTIONS },
  },
  loadFast: { call: llminit.loadFast, args: () => [{}], takes: { 0: OPTIONS } },
  loadThreads: {
    call: async (options: never) => (await llminit.loadThreads(options)).close(),
    args: () => [{ threads: 1 }],
    takes: { 0: OPTIONS },
  },
  'new Runtime': {
    call: (...args: [never, never]) => new llminit.Runtime(...args),
    args: () => [new WebAssembly.Module(simdBytes as BufferSource), 1e9],
    takes: { 1: 'none 7' },
  },
  initialize: {
    call: llminit.initialize,
    args: () => [train, embeddings, { dim: 2 }],
    takes: { 1: 'none null', 2: OPTIONS },
  },
  adapterInput: {
    call: llminit.adapterInput,
    args: () => [train, embeddings, { dim: 2 }],
    takes: { 2: OPTIONS },
  },
  propagateTables: { call: llminit.propagateTables, args: () => [train, tables, {}], takes: { 2: OPTIONS } },
  fit: { call: llminit.fit, args: () => [split, tables, { epochs: 1 }], takes: { 2: OPTIONS } },
  evaluate: { call: llminit.evaluate, args: () => [tables, split, {}], takes: { 2: OPTIONS } },
  evaluateScorer: { call: llminit.evaluateScorer, args: () => [knn, split, {}], takes: { 2: OPTIONS } },
  modelFrom: { call: llminit.modelFrom, args: () => [split, tables, {}], takes: { 2: OPTIONS } },
  ease: { call: llminit.ease, args: () => [train, {}], takes: { 1: OPTIONS } },
  keptInverse: { call: llminit.keptInverse, args: () => [train, {}], takes: { 1: OPTIONS } },
  itemKnn: { call: llminit.itemKnn, args: () => [train, {}], takes: { 1: OPTIONS } },
  l3ae: { call: llminit.l3ae, args: () => [train, embeddings, {}], takes: { 1: 'null', 2: OPTIONS } },
  l3aeModels: {
    call: llminit.l3aeModels,
    args: () => [train, embeddings, [{}]],
    takes: { 1: 'null' },
  },
  popularity: { call: llminit.popularity, args: () => [train] },
  findClosedModel: { call: llminit.findClosedModel, args: () => ['ease'], takes: { 0: 'x' } },
  recommendedTraining: { call: llminit.recommendedTraining, args: () => ['sgl'], takes: { 0: 'none' } },
  choiceOf: {
    call: llminit.choiceOf,
    args: () => [{ config: { model: 'ease', contest: {}, settings: {} }, metrics: {} }],
  },
  chooseBlend: {
    call: llminit.chooseBlend,
    args: () => ['blend', [knn, popular], split, { runtime }],
    takes: { 0: 'x' },
  },
  chooseClosed: {
    call: llminit.chooseClosed,
    args: () => [llminit.findClosedModel('item-knn'), split, null, { runtime }],
    takes: { 2: 'null', 3: OPTIONS },
  },
  train: { call: llminit.train, args: () => [{ split, embeddings }, QUICK], takes: { 1: OPTIONS } },
  trainingData: {
    call: llminit.trainingData,
    args: () => [{ split, embeddings }, {}],
    takes: { 1: OPTIONS },
  },
  'new TrainingData': {
    call: (...args: never[]) => new TrainingData(...(args as unknown as [never, never, never, never])),
    args: () => [split, embeddings, catalogue, null],
    takes: { 1: 'null', 2: 'none null map', 3: 'none null map' },
  },
  'TrainingData.prototype.checkTables': {
    call: (...args: [never]) => data().checkTables(...args),
    args: () => [{ strategy: 'variance' }],
    takes: { 0: OPTIONS },
  },
  'TrainingData.prototype.inputs': {
    call: (...args: [never]) => data().inputs(...args),
    args: () => [new AbortController().signal],
    takes: { 0: 'none' },
  },
  'TrainingData.prototype.itemCodes': {
    call: (...args: [never]) => data().itemCodes(...args),
    args: () => [{ levels: 2, size: 4 }],
    takes: { 0: OPTIONS },
  },
  'TrainingData.prototype.initialTables': {
    call: (...args: [never]) => data().initialTables(...args),
    args: () => [{ strategy: 'variance', dim: 2 }],
    takes: { 0: OPTIONS },
  },
  'Trained.prototype.evaluate': {
    call: (...args: [never]) => trained.evaluate(...args),
    args: () => [{}],
    takes: { 0: OPTIONS },
  },
  'Trained.prototype.model': {
    call: (...args: [never]) => trained.model(...args),
    args: () => [{}],
    takes: { 0: OPTIONS },
  },
  'Trained.prototype.keptInverse': {
    call: (...args: [never]) => easy.keptInverse(...args),
    args: () => [{}],
    takes: { 0: OPTIONS },
  },
  'Trained.prototype.encode': {
    call: (...args: [never]) => trained.encode(...args),
    args: () => [{}],
    takes: { 0: OPTIONS },
  },
  'Trained.prototype.recommender': {
    call: (...args: [never]) => trained.recommender(...args),
    args: () => [{}],
    takes: { 0: OPTIONS },
  },
  encodeCheckpoint: { call: llminit.encodeCheckpoint, args: async () => [await checkpoint()] },
  decodeCheckpoint: {
    call: llminit.decodeCheckpoint,
    args: async () => [llminit.encodeCheckpoint(await checkpoint()), 'a'],
    takes: { 1: 'x' },
  },
  'DenseSession.open': {
    call: DenseSession.open,
    args: () => [train, null, { runtime }],
    takes: { 1: 'null', 2: OPTIONS },
  },
  'DenseSession.prototype.update': { call: (...args: [never]) => dense.update(...args), args: () => [train] },
  'SparseSession.open': { call: SparseSession.open, args: () => [train, { runtime }], takes: { 1: OPTIONS } },
  'SparseSession.prototype.update': {
    call: (...args: [never]) => sparse.update(...args),
    args: () => [train],
  },
  'new BlendScorer': {
    call: (...args: never[]) => new BlendScorer(...(args as unknown as [never, never])),
    args: () => ['blend', [{ scorer: knn, weight: 1, deviation: 1 }]],
    takes: { 0: 'x' },
  },
  'BlendScorer.prototype.explain': {
    call: (...args: [never, never]) => blend.explain(...args),
    args: () => [query, 1],
    takes: { 1: '7' },
  },
  'new ItemScorer': {
    call: (...args: never[]) => new ItemScorer(...(args as unknown as [never, never])),
    args: () => ['items', f32(3)],
    takes: { 0: 'x' },
  },
  'ItemScorer.prototype.explain': {
    call: (...args: [never, never]) => popular.explain(...args),
    args: () => [query, 1],
    takes: { 1: '7' },
  },
  'new RowScorer': {
    call: (...args: never[]) => new RowScorer(...(args as unknown as [never, never])),
    args: () => ['rows', knn.rows],
    takes: { 0: 'x' },
  },
  'RowScorer.prototype.explain': {
    call: (...args: [never, never]) => knn.explain(...args),
    args: () => [query, 1],
    takes: { 1: '7' },
  },
  'new TableScorer': {
    call: (...args: never[]) => new TableScorer(...(args as unknown as [never, never])),
    args: () => ['tables', tables],
    takes: { 0: 'x' },
  },
  'TableScorer.prototype.explain': {
    call: (...args: [never, never]) => scorer.explain(...args),
    args: () => [query, 1],
    takes: { 1: '7' },
  },
  'TableScorer.prototype.rowOf': { call: (...args: [never]) => scorer.rowOf(...args), args: () => [query] },
};
