import type { EntryOptions } from '../../options/registry.ts';
import type { InitStrategy } from '../strategy.ts';
import { adapter } from './adapter.ts';
import { frozen } from './frozen.ts';
import { full } from './full.ts';
import { graphPca } from './graphPca.ts';
import { pca } from './pca.ts';
import { projection } from './projection.ts';
import { random } from './random.ts';
import { uniform } from './uniform.ts';
import { variance } from './variance.ts';
import { whiten } from './whiten.ts';
import { xavier } from './xavier.ts';

/** All ways to fill E⁽⁰⁾, in the order in which they are listed. A new one is a line here. */
const ENTRIES = [
  ...[xavier, random, uniform, variance, full],
  ...[pca, whiten, graphPca, projection],
  ...[frozen, adapter],
] as const;

/**
 * The name of a way to fill E⁽⁰⁾.
 *
 * @example
 * const strategy: Strategy = 'uniform';
 * const tables = await initialize(split.train, embeddings, { dim: 4, strategy });
 */
export type Strategy = (typeof ENTRIES)[number]['name'];

/** The ways to fill E⁽⁰⁾. */
export const INIT_STRATEGIES: readonly InitStrategy<Strategy>[] = ENTRIES;

/**
 * Their names.
 *
 * @example
 * STRATEGIES.includes('variance'); // → true
 */
export const STRATEGIES: readonly Strategy[] = ENTRIES.map(({ name }) => name);

/**
 * The options that strategies read beside those of all.
 *
 * @example
 * const options: StrategyOptions = {};
 * const tables = await initialize(split.train, embeddings, { ...options, dim: 8 });
 */
export type StrategyOptions = EntryOptions<(typeof ENTRIES)[number]>;
