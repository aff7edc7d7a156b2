import { ownName } from '../options/registry.ts';
import type { ModelDescriptor } from './descriptor.ts';
import { bprMf, lightgcn } from './lightgcn.ts';
import { mixsgcl } from './mixsgcl.ts';

import { sasrec } from './sequences/sasrec.ts';
import { tiger } from './sequences/tiger.ts';
import { sgcl } from './sgcl.ts';
import { sgl } from './sgl.ts';

/** The models that `fit` trains, in the order in which they are listed. A new one is a line here. */
const GRAPH_MODELS = [lightgcn, bprMf, sgl, sgcl, mixsgcl, sasrec, tiger] as const;

/**
 * One of `MODELS`.
 *
 * @example
 * const model: ModelName = 'sgl';
 * const trained = await train({ split }, { model, dim: 8, epochs: 1 });
 */
export type ModelName = (typeof GRAPH_MODELS)[number]['name'];

/** What is known of each. */
export const GRAPH_MODEL_ENTRIES: readonly ModelDescriptor<ModelName>[] = GRAPH_MODELS;

/**
 * Names that the authors of LLMInit give to some of them.
 *
 * @example
 * const model: ModelSynonym = 'ContGCN';
 * const trained = await train({ split }, { model, dim: 8, epochs: 1 });
 */
export type ModelSynonym = 'ContGCN' | 'ContSGL' | 'ContSGCL';

/**
 * The names of the models that `fit` trains.
 *
 * @example
 * MODELS.includes('lightgcn'); // → true
 */
export const MODELS: readonly ModelName[] = GRAPH_MODELS.map(({ name }) => name);

/** What is known of a model, by its name or a synonym; undefined for a name that is none. */
export function findModel(name: string): ModelDescriptor<ModelName> | undefined {
  const own = ownName(GRAPH_MODELS, name);
  return GRAPH_MODEL_ENTRIES.find((model) => model.name === own);
}

/** What is known of a model. */
export function describeModel(name: ModelName): ModelDescriptor<ModelName> {
  return findModel(name)!;
}

/** Whether a model learns from the order in which people did things. */
export function readsOrder(model: string | undefined): boolean {
  return findModel(model ?? '')?.kind === 'sequence';
}

/** Whether items are codes to a model. */
export function readsCodes(model: string | undefined): boolean {
  return findModel(model ?? '')?.options.includes('codes') ?? false;
}
