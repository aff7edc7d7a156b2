import { expect } from 'vitest';
import { type Edge, normalizedAdjacency } from './graph.ts';
import { type Matrix, toMatrix } from './matrix.ts';

/** Values in (−1, 1) that differ everywhere and are the same in every run. */
export function sample(rows: number, cols: number, phase = 0): Matrix {
  return toMatrix(
    Array.from({ length: rows * cols }, (_, n) => Math.sin(1.7 * n + phase + 0.3)),
    rows,
    cols,
  );
}

/** max |a − b| over arrays of equal length. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a, (value, n) => Math.abs(value - b[n])).reduce((x, y) => Math.max(x, y), 0);
}

/**
 * A small graph for tests. Node 5 and item 4 (node 10) have no edge; user 2 and item 1 occur twice in the batch.
 */
export const numUsers = 6;
export const numItems = 5;
export const edges: Edge[] = [
  [0, 0],
  [0, 1],
  [1, 1],
  [1, 2],
  [2, 0],
  [2, 3],
  [3, 2],
  [4, 3],
  [4, 0],
];
export const adjacency = normalizedAdjacency(numUsers, numItems, edges);
export const view1 = normalizedAdjacency(numUsers, numItems, edges.slice(2));
export const view2 = normalizedAdjacency(numUsers, numItems, edges.slice(0, -2));
export const batch = { users: [0, 2, 2, 4, 5], positives: [7, 6, 9, 7, 10], negatives: [8, 10, 7, 8, 6] };
export const e0 = sample(numUsers + numItems, 5);
