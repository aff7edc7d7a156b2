/**
 * The ground truth of the kernel and model tests: float64, plain loops, nothing clever. `test/reference.test.ts`
 * checks it against the golden values of an independent implementation and against finite differences.
 */
export * from './reference/contrastive.ts';
export * from './reference/graph.ts';
export * from './reference/losses.ts';
export * from './reference/matrix.ts';
export * from './reference/optimizers.ts';
export * from './reference/ranking.ts';
export * from './reference/sasrec.ts';
export * from './reference/sequences.ts';
