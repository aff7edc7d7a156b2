import { CLOSED_MODELS } from '../../models/closed/index.ts';
import { MODELS, type ModelName } from '../../models/registry.ts';
import { COMPOSITION_NAMES } from '../../recipe/compositions.ts';
import type { InitName } from '../args/initNames.ts';
import type { RowModel, Training } from './jobs.ts';

/** What a chat model does for a system: orders the first of another, or adds to what is trained on. */
export type Asks = 'rerank' | 'augment';

/** A row of `table2`. */
export interface System {
  /** As papers call it. */
  readonly name: string;
  /** The form in which it is run here. */
  readonly form: string;
  /** What `train` is told; a model that this version does not have is a row without figures. */
  readonly model: string;
  /** null where no initialisation is named. */
  readonly init: InitName | null;
  /** The vectors that it gets: none, the dataset's own, or all side by side. */
  readonly vectors: 'none' | 'own' | 'all';
  /** Absent: the configuration of the authors of LLMInit. */
  readonly training?: Training;
  /** The widest tables. Absent: those of the study. */
  readonly dim?: number;
  /** Absent: it needs no chat model. */
  readonly asks?: Asks;
  /** The model of Table 1 whose row the published figures are. Absent: the row is its own. */
  readonly of?: ModelName;
}

/** Of models of sequences, whose time grows with the square of it: that of `npm run bench -- quality`. */
const SEQUENCE_DIM = 64;

const LIGHTGCN = { model: 'lightgcn', of: 'lightgcn' } as const;
/** The model of the paper's own rows. */
const SGCL = { model: 'sgcl', of: 'sgcl' } as const;

/** The rows of `table2`, in the order of a report. A further one is an entry here. */
export const SYSTEMS: readonly System[] = [
  { name: 'popularity', form: 'interactions of an item', model: 'popularity', init: null, vectors: 'none' },
  { name: 'EASE', form: 'closed form of clicks', model: 'ease', init: null, vectors: 'none' },
  { name: 'L3AE', form: 'closed form of text and clicks', model: 'l3ae', init: null, vectors: 'all' },
  {
    ...{ ...LIGHTGCN, name: 'xavier (LightGCN)', form: 'LightGCN from random numbers' },
    ...{ init: 'xavier', vectors: 'none' },
  },
  {
    ...{ ...LIGHTGCN, name: 'LLMInit-Var (LightGCN)', form: 'LightGCN from the columns of largest variance' },
    ...{ init: 'variance', vectors: 'own' },
  },
  {
    ...{ ...SGCL, name: 'xavier (SGCL)', form: 'SGCL from random numbers', init: 'xavier' },
    vectors: 'none',
  },
  { ...SGCL, name: 'LLMInit-Full (SGCL)', form: 'SGCL from all columns', init: 'full', vectors: 'own' },
  {
    ...{ ...SGCL, name: 'LLMInit-Var (SGCL)', form: 'SGCL from the columns of largest variance' },
    ...{ init: 'variance', vectors: 'own' },
  },
  { name: 'auto', form: 'what validation chooses', model: 'auto', init: null, vectors: 'all' },
  {
    ...{ name: 'MoRec', form: 'frozen encoder, a trained map, LightGCN, debiased loss', model: 'morec' },
    ...{ init: 'adapter', vectors: 'own', training: 'map' },
  },
  {
    ...{ name: 'AlphaRec', form: 'users and items by one trained map, LightGCN, softmax', model: 'alpharec' },
    ...{ init: 'adapter', vectors: 'own', training: 'map-of-all' },
  },
  {
    ...{ name: 'LLMRank', form: 'a chat model orders the first of auto', model: 'auto', init: null },
    ...{ vectors: 'all', asks: 'rerank' },
  },
  {
    ...{ name: 'LLMRec', form: 'LightGCN of what a chat model adds', model: 'lightgcn', init: 'graph-pca' },
    ...{ vectors: 'all', asks: 'augment' },
  },
  {
    ...{
      name: 'SASRec',
      form: 'causal transformer, items from whitened text',
      model: 'sasrec',
      init: 'whiten',
    },
    ...{ vectors: 'all', training: 'sequences', dim: SEQUENCE_DIM },
  },
  {
    ...{
      name: 'TIGER',
      form: 'semantic ids by residual k-means, beam search',
      model: 'tiger',
      init: 'whiten',
    },
    ...{ vectors: 'all', training: 'sequences', dim: SEQUENCE_DIM },
  },
];

/** Whether `train` of this version has the model of a system. */
export function isKnown({ model }: System): boolean {
  return ['auto', ...MODELS, ...CLOSED_MODELS, ...COMPOSITION_NAMES].includes(model);
}

/** Whether a system learns the order in which people did things. */
export function readsOrder({ training }: System): boolean {
  return training === 'sequences' || training === 'codes';
}

/** The model of a system that `isKnown`. */
export function modelOf({ model }: System): RowModel {
  return model as RowModel;
}

/** The system of a name. */
export function findSystem(name: string | undefined): System | undefined {
  return SYSTEMS.find((system) => system.name === name);
}
