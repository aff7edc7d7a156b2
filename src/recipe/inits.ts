import { RECOMMENDED_STRATEGY, STRATEGIES, type Strategy } from '../init/initialize.ts';

/** What `init` may name: the strategies, the recommended choice by validation, and two that change training too. */
export const INIT_NAMES = [...STRATEGIES, 'auto', 'frozen', 'adapter'] as const;

export type InitName = Strategy | 'auto' | 'frozen' | 'adapter';

/** How the tables of an `init` are filled. */
export function strategyOf(init: InitName): Strategy {
  if (init === 'auto') return RECOMMENDED_STRATEGY;
  return init === 'frozen' || init === 'adapter' ? 'pca' : init;
}

/** Whether an `init` reads text vectors. */
export function readsVectors(init: InitName): boolean {
  return init !== 'xavier';
}
