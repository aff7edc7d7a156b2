// Models of sequences at work: what reads histories in order, with the kernels that it takes.

export type { ItemCodes } from './data/itemCodes.ts';
export { CodeScorer } from './rank/codeScorer.ts';
export { SequenceScorer, type SequenceTables } from './rank/sequenceScorer.ts';
export type { CodeWeights, DenseTable, SequenceShape, SequenceWeights } from './rank/sequences/weights.ts';
export { type LoadOptions, load, Runtime } from './runtime/load.ts';
export { Sequences } from './serve/scoring/sequenceReader.ts';
export type { SequenceReading, SequenceSupport } from './serve/sequences.ts';
