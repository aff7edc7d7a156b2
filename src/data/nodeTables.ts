/**
 * A row for each user and each item of a split: dense numUsers × dim and numItems × dim, in the order of their ids.
 *
 * @example
 * const tables: NodeTables = {
 *   users: new Float32Array(split.train.numUsers * 8),
 *   items: new Float32Array(split.train.numItems * 8),
 *   dim: 8,
 * };
 */
export interface NodeTables {
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly dim: number;
}
