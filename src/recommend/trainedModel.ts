import type { Csr } from '../data/csr.ts';
import type { JsonValue } from '../format/json.ts';
import type { ModelData } from './modelFile.ts';

/** What `modelFrom` needs of a training run. */
export interface TrainedParts {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly itemTitles?: readonly string[] | null;
  readonly factors: { readonly users: Float32Array; readonly items: Float32Array; readonly dim: number };
  /** users × items, training interactions: they give the item degrees. */
  readonly train: Csr;
  /** users × items, everything a user has already and must not be recommended. */
  readonly seen: Csr;
  readonly config?: Readonly<Record<string, JsonValue>>;
  readonly metrics?: Readonly<Record<string, JsonValue>>;
}

/** A model for `Recommender` and `encodeModel` from the parts of a training run. */
export function modelFrom(parts: TrainedParts): ModelData {
  const itemDegrees = new Int32Array(parts.itemIds.length);
  for (const item of parts.train.colIdx) itemDegrees[item]++;
  return {
    userIds: parts.userIds,
    itemIds: parts.itemIds,
    itemTitles: parts.itemTitles ?? null,
    dim: parts.factors.dim,
    userFactors: parts.factors.users,
    itemFactors: parts.factors.items,
    itemDegrees,
    seen: { rowPtr: parts.seen.rowPtr, colIdx: parts.seen.colIdx },
    config: parts.config ?? {},
    metrics: parts.metrics ?? {},
  };
}
