import { checkIsInteractions } from '../data/argumentKinds.ts';
import { interactionsToCsr } from '../data/csr.ts';
import type { Interactions } from '../data/interactions.ts';
import { checkIsEmbeddings, type Embeddings } from '../embed/embeddings.ts';
import { OptionError } from '../errors.ts';
import { load } from '../runtime/load.ts';
import { Turns } from '../runtime/turns.ts';
import { alignedVectors } from './alignedVectors.ts';
import { checkScale, dimOf, type InitializeOptions, type ResolvedInit, resolveInit } from './options.ts';
import type { Strategy } from './strategies/index.ts';
import type { StrategyContext } from './strategy.ts';
import { checkRows, finishTables, type Initialization } from './tables.ts';

/**
 * What the graph model of `--init auto` starts from where there are text vectors: chosen by validation NDCG@10.
 *
 * @example
 * STRATEGIES.includes(RECOMMENDED_STRATEGY); // → true
 */
export const RECOMMENDED_STRATEGY: Strategy = 'graph-pca';

/**
 * Scales that were compared by validation.
 * @deprecated Nothing compares scales any more: `auto` chooses among models, from a table of scale 1.
 * @example
 * console.log(RECOMMENDED_SCALES);
 */
export const RECOMMENDED_SCALES: readonly number[] = [1, 2];

/**
 * Fills the layer-0 tables of a graph recommender from text embeddings (Zhang et al., LLMInit, 2025), or with
 * Xavier-uniform numbers, ±√(6/(rows + K)) per table (Glorot & Bengio 2010; the base model).
 *
 * Item rows come from the embeddings, user rows are pooled from the rows of the user's training items. Items without
 * an embedding, or with a zero vector, get a Xavier row and are listed. `pca`, `whiten`, `graph-pca` and `projection`
 * centre the columns, normalise the rows again and map them linearly to K columns; `frozen` and `adapter` are `pca` with
 * what `fit` does about the text. Same inputs and seed: same bytes.
 *
 * @param train training interactions: they decide the rows and the pooling
 * @throws {OptionError} on an unknown strategy, a K given that is larger than the embeddings allow, an option that is
 *   unknown, out of range or not read by the strategy, or arguments of another type
 * @throws {DataError} when no item has an embedding other than zeros, or all are the same where they are mapped
 * @throws `signal.reason` when aborted
 * @example
 * const tables = await initialize(split.train, embeddings, { strategy: 'variance', dim: 8 });
 * const { factors } = await fit(split, tables, { epochs: 2 });
 */
export async function initialize(
  train: Interactions,
  embeddings: Embeddings | null,
  options: InitializeOptions = {},
): Promise<Initialization> {
  const { scale, ...rest } = { ...options };
  checkScale(scale);
  resolveInit(options, embeddings != null);
  return (await prepareTables(train, embeddings, rest))(scale);
}

/**
 * The tables of `initialize` for any scale, undefined being the strategy's own: scaling and pooling are the last steps
 * and cheap, so that what comes before them, a graph PCA for instance, is computed once for all scales.
 *
 * @throws as `initialize`
 */
export async function prepareTables(
  train: Interactions,
  embeddings: Embeddings | null,
  options: Omit<InitializeOptions, 'scale'> = {},
): Promise<(scale?: number) => Initialization> {
  checkIsInteractions(train, 'initialize');
  if (embeddings != null) checkIsEmbeddings(embeddings, 'initialize');
  const init = resolveInit(options, embeddings != null);
  const context = await contextOf(train, embeddings, init);
  const { strategy } = init;
  const made = await strategy.rows(context);
  checkRows(made, context, strategy.name);
  const ownUsers = strategy.userRows?.({ ...context, dim: made.dim });
  return (scale) => {
    checkScale(scale);
    return finishTables(init, context, made, ownUsers, scale);
  };
}

/**
 * Refuses what `initialize` would refuse, as far as it can be told without computing anything.
 * @throws {OptionError} on an option out of range or not read, missing embeddings, or a `dim` that they do not have
 */
export function checkTables(
  { itemIds }: Interactions,
  embeddings: Embeddings | null,
  options: InitializeOptions,
): void {
  const { strategy, dim } = resolveInit(options, embeddings !== null);
  if (!strategy.needsVectors) return;
  if (!embeddings) refuseWithout(strategy.name);
  if (dim === undefined || !strategy.checkDim) return;
  const known = new Set(embeddings.ids);
  const items = itemIds.filter((id) => known.has(id)).length;
  if (items > 0) strategy.checkDim(dim, embeddings.width, items);
}

function refuseWithout(name: string): never {
  const problem = `${name} needs embeddings, received none`;
  throw new OptionError('initialize', problem, 'Pass embeddings, or use xavier', 'strategy');
}

async function contextOf(
  train: Interactions,
  embeddings: Embeddings | null,
  { strategy, dim, seed, normalize, own, runtime: given, signal }: ResolvedInit,
): Promise<StrategyContext> {
  const runtime = given ?? (await load());
  const interactions = interactionsToCsr(train);
  const common = {
    exact: dim !== undefined,
    interactions,
    seed,
    options: own,
    runtime,
    turns: new Turns(signal),
  };
  if (!strategy.needsVectors) {
    const present = Array.from({ length: train.numItems }, (_, item) => item);
    return { ...common, dim: dimOf({ strategy, dim }, 0), width: 0, vectors: new Float32Array(0), present };
  }
  if (!embeddings) return refuseWithout(strategy.name);
  const { width } = embeddings;
  const vectors = alignedVectors(runtime, embeddings, train.itemIds, normalize);
  return { ...common, dim: dimOf({ strategy, dim }, width), width, ...vectors };
}
