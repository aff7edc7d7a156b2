/** A row for each user and each item of a split: dense numUsers × dim and numItems × dim, in the order of their ids. */
export interface NodeTables {
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly dim: number;
}
