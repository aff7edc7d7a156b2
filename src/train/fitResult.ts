import type { NodeTables } from '../data/nodeTables.ts';
import type { AdapterWeights } from '../models/parameters/adapterRows.ts';
import type { SequenceWeights } from '../rank/sequences/weights.ts';
import type { EpochRecord } from './checkpoint.ts';

/**
 * A trained model: the final rows of the best epoch and how it came about.
 *
 * @example
 * const tables = await initialize(split.train, null, { dim: 8 });
 * const { factors, stoppedBy }: FitResult = await fit(split, tables, { epochs: 2 });
 * stoppedBy; // → 'epochs'
 */
export interface FitResult {
  /** Z of the best epoch; of a model of sequences a user's row is what the training items say comes next. */
  readonly factors: NodeTables;
  /** E⁽⁰⁾ of the best epoch, numNodes × dim, users first; of a model of sequences numItems × dim. */
  readonly parameters: Float32Array;
  /** The map that makes the items' rows, for `adapterRows`; null without an adapter. */
  readonly adapter: AdapterWeights | null;
  /** What turns an ordered history into a row; null for a model of the graph. */
  readonly sequence: SequenceWeights | null;
  /** The epoch whose weights were kept; the last one when there was no validation. */
  readonly bestEpoch: number;
  /** The validation metric at `bestEpoch`; null without validation interactions. */
  readonly bestMetric: number | null;
  readonly history: readonly EpochRecord[];
  /** `diverged`: the numbers left the range of f32 after `bestEpoch`; `warning` says how. */
  readonly stoppedBy: 'patience' | 'epochs' | 'diverged';
  /** What a user should be told; null where all went well. */
  readonly warning: string | null;
}
