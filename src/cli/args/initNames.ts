export {
  findInit,
  INIT_NAMES,
  type InitName,
  needsVectors,
  readsVectors,
  strategyOf,
} from '../../recipe/inits.ts';
