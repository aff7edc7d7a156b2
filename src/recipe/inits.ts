import { OptionError, shown } from '../errors.ts';
import { RECOMMENDED_STRATEGY } from '../init/initialize.ts';
import { findStrategy } from '../init/options.ts';
import { INIT_STRATEGIES, STRATEGIES, type Strategy } from '../init/strategies/index.ts';
import type { InitStrategy } from '../init/strategy.ts';
import { nameOf, ownName } from '../options/registry.ts';

/**
 * What `init` may name: the strategies, and the recommended choice by validation.
 *
 * @example
 * INIT_NAMES.includes('auto'); // → true
 */
export const INIT_NAMES: readonly InitName[] = [...STRATEGIES, 'auto'];

/**
 * One of `INIT_NAMES`.
 *
 * @example
 * const names: InitName[] = ['xavier', 'variance', 'auto'];
 */
export type InitName = Strategy | 'auto';

/**
 * How tables are filled: by a name, or by a strategy of the caller's own.
 *
 * @example
 * const init: Init = 'variance';
 * const trained = await train({ split, embeddings }, { model: 'lightgcn', init, dim: 4, epochs: 1 });
 */
export type Init = InitName | InitStrategy;

/** The option `init` by name. */
export const INIT = nameOf<InitName, 'auto'>(INIT_NAMES, INIT_STRATEGIES, {
  ...{ about: 'how tables are filled', flag: '--init <name>', default: 'auto' },
});

/** The `init` of a name or one of its synonyms; undefined for a name that is none. */
export function findInit(name: unknown): InitName | undefined {
  const own = ownName(INIT_STRATEGIES, name);
  return INIT_NAMES.find((init) => init === own);
}

/**
 * What an option `init` means.
 * @throws {OptionError} for an unknown name, what is no strategy, and one that bears the name of another
 */
export function checkedInit(value: unknown = INIT.default): Init {
  if (typeof value !== 'object' || value === null) return INIT.check(value, 'init', 'train');
  const own = findStrategy(value, 'train', 'init');
  if (findInit(own.name) === undefined || INIT_STRATEGIES.some((entry) => entry === own)) return own;
  const problem = `expected a strategy with a name of its own, received one called ${shown(own.name)}`;
  throw new OptionError('train', problem, 'Give it another name: settings and checkpoints tell it', 'init');
}

/** What settings, checkpoints and model files call it. */
export function nameOfInit(init: Init): string {
  return typeof init === 'string' ? init : init.name;
}

/** How the tables of an `init` are filled, where there are vectors and where there are not. */
export function strategyOf(init: Init, hasVectors = true): Strategy | InitStrategy {
  if (init !== 'auto') return init;
  return hasVectors ? RECOMMENDED_STRATEGY : 'xavier';
}

/** Whether an `init` cannot do without vectors. */
export function needsVectors(init: Init): boolean {
  return init !== 'auto' && findStrategy(init).needsVectors;
}

/** Whether an `init` reads vectors where there are any. */
export function readsVectors(init: Init): boolean {
  return findStrategy(strategyOf(init)).needsVectors;
}
