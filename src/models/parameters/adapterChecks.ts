import { OptionError, ShapeError, shown } from '../../errors.ts';
import type { AdapterOptions } from './adapterTable.ts';

/** @throws {OptionError} on an unknown number of layers, or hidden < 1 */
export function checkLayers({ layers = 1, hidden = 128 }: AdapterOptions): void {
  if (layers !== 1 && layers !== 2)
    throw new OptionError('adapter', `expected layers 1 or 2, received ${shown(layers)}`, 'Pass one of them');
  if (!Number.isSafeInteger(hidden) || hidden < 1)
    throw new OptionError('adapter', `expected hidden ≥ 1, received ${shown(hidden)}`, 'Pass e.g. 128');
}

/** @throws {ShapeError} when features or start do not fit */
export function checkVectors(
  { features, userFeatures, width, start }: AdapterOptions,
  { users, items }: { readonly users: number; readonly items: number },
  dim: number,
): void {
  if (features.length !== items * width || start.length !== dim * width) {
    const problem = `expected features ${items} × ${width} and start ${dim} × ${width}, received ${features.length} and ${start.length} values`;
    throw new ShapeError('adapter', problem, 'Make both with adapterInput');
  }
  if (userFeatures && userFeatures.length !== users * width) {
    const problem = `expected userFeatures ${users} × ${width}, received ${userFeatures.length} values`;
    throw new ShapeError('adapter', problem, 'Give every user a row');
  }
}
