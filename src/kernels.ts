// The entry `llminit/kernels`: the numeric core on the caller's arrays, for those who bring their own model.
export { columnVariance, gatherColumns, selectColumns } from './arrays/columns.ts';
export { type AdamOptions, type AdamState, adamStep, sgdStep } from './arrays/optimizers.ts';
export { poolUsers, spmm } from './arrays/propagation.ts';
export { scoreTopK, type TopK } from './arrays/ranking.ts';
export type { Csr } from './data/csr.ts';
export {
  BudgetError,
  DataError,
  type ErrorCode,
  FormatError,
  isLlminitError,
  LlminitError,
  OptionError,
  ShapeError,
  /** @deprecated for the messages of this package's own errors */
  shown,
  UnsupportedError,
} from './errors.ts';
export { COLUMN_STRATEGIES, type ColumnOptions, type ColumnStrategy } from './init/columns.ts';
export { POOLINGS, type Pooling } from './init/pooling.ts';
export { type LoadOptions, load, loadSync, Runtime } from './runtime/load.ts';
