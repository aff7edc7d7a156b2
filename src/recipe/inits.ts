import { RECOMMENDED_STRATEGY } from '../init/initialize.ts';
import { findStrategy } from '../init/options.ts';
import { INIT_STRATEGIES, STRATEGIES, type Strategy } from '../init/strategies/index.ts';

/** What `init` may name: the strategies, and the recommended choice by validation. */
export const INIT_NAMES: readonly InitName[] = [...STRATEGIES, 'auto'];

/** One of `INIT_NAMES`. */
export type InitName = Strategy | 'auto';

/** The `init` of a name or one of its synonyms; undefined for a name that is none. */
export function findInit(name: unknown): InitName | undefined {
  const known = INIT_STRATEGIES.find(({ synonyms }) => synonyms?.some((synonym) => synonym === name));
  return INIT_NAMES.find((init) => init === (known?.name ?? name));
}

/** How the tables of an `init` are filled, where there are vectors and where there are not. */
export function strategyOf(init: InitName, hasVectors = true): Strategy {
  if (init !== 'auto') return init;
  return hasVectors ? RECOMMENDED_STRATEGY : 'xavier';
}

/** Whether an `init` cannot do without vectors. */
export function needsVectors(init: InitName): boolean {
  return init !== 'auto' && findStrategy(init).needsVectors;
}

/** Whether an `init` reads vectors where there are any. */
export function readsVectors(init: InitName): boolean {
  return findStrategy(strategyOf(init)).needsVectors;
}
