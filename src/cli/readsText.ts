import { findClosedModel } from '../models/closed/index.ts';
import { readsCodes } from '../models/registry.ts';
import { needsVectors, readsVectors } from './args/initNames.ts';
import type { Recipe } from './trainSafely.ts';

/**
 * Whether texts or vectors are read: where they are needed, and where they are there and may be of use.
 * @param hasText whether a catalogue or an embedder is named
 */
export function readsText({ init = 'auto', model }: Recipe, hasText: boolean): boolean {
  const closed = findClosedModel(model ?? '');
  if (closed) return closed.vectors === 'required' || (closed.vectors === 'optional' && hasText);
  return readsCodes(model) || needsVectors(init) || (readsVectors(init) && hasText);
}
