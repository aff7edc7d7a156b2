import { strategy } from '../strategy.ts';
import { xavierRows } from '../xavierRows.ts';

/** Xavier-uniform numbers, ±√(6/(rows + K)) per table (Glorot & Bengio 2010): the base model, without text. */
export const xavier = strategy({
  name: 'xavier',
  about: 'random numbers, without text',
  needsVectors: false,
  options: {},
  rows: ({ runtime, interactions, dim, seed }) => ({
    rows: xavierRows(runtime, interactions.cols, dim, seed, 'items'),
    dim,
  }),
  userRows: ({ runtime, interactions, dim, seed }) =>
    xavierRows(runtime, interactions.rows, dim, seed, 'users'),
});
