import { OptionError, shown } from '../errors.ts';
import type { LayerRange } from './descriptor.ts';

/** @throws {OptionError} unless `layers` is an integer in the range of the model */
export function checkLayers(model: string, range: LayerRange, layers: number, where: string): void {
  const { min, max, default: own } = range;
  if (Number.isSafeInteger(layers) && layers >= min && layers <= (max ?? layers)) return;
  const allowed = min === max ? `${min}` : `an integer ≥ ${min}${max === undefined ? '' : ` and ≤ ${max}`}`;
  const problem = `expected layers to be ${allowed} for ${model}, received ${shown(layers)}`;
  throw new OptionError(where, problem, `Change layers, or leave it out for ${own}`, 'layers');
}
