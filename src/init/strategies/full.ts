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
  rows: (context) =>
    selectedColumns(context, (_, x, dim) => {
      if (dim === x.dim) return Int32Array.from({ length: dim }, (__, column) => column);
      const problem = `expected dim ${x.dim} beside full, which keeps all columns, received ${dim}`;
      throw new OptionError('initialize', problem, 'Leave dim out, or use another strategy', 'dim');
    }),
});
