import { OptionError } from '../../errors.ts';
import { selectedColumns } from '../selected.ts';
import { strategy } from '../strategy.ts';

/** All columns: tables as wide as the vectors. */
export const full = strategy({
  name: 'full',
  about: 'all columns',
  needsVectors: true,
  options: {},
  defaultDim: (width) => width,
  checkDim: checkWhole,
  rows: (context) =>
    selectedColumns(context, (_, x, dim) => {
      checkWhole(dim, x.dim);
      return Int32Array.from({ length: dim }, (__, column) => column);
    }),
});

function checkWhole(dim: number, width: number): void {
  if (dim === width) return;
  const problem = `expected dim ${width} beside full, which keeps all columns, received ${dim}`;
  throw new OptionError('initialize', problem, 'Leave dim out, or use another strategy', 'dim');
}
