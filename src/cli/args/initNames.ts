export { findInit, INIT_NAMES, type InitName, readsVectors, strategyOf } from '../../recipe/inits.ts';
