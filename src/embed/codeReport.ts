import { log2 } from '../runtime/log2.ts';

/**
 * How the codes of a level are used.
 *
 * @example
 * const report: readonly LevelReport[] = (await semanticIds(embeddings, { levels: 2, size: 4 })).report;
 * report.length; // → 2
 */
export interface LevelReport {
  readonly size: number;
  /** Codes that an item has. */
  readonly used: number;
  /** Of the codes, in bits: log₂ size where all are used alike. */
  readonly entropy: number;
  /** Share of the squared norm of the vectors that the levels up to this one leave over. */
  readonly left: number;
}

/**
 * Items whose codes are the same on all levels: they are told apart by one code more.
 *
 * @example
 * const { items, largest }: CollisionReport = (await semanticIds(embeddings, { levels: 2, size: 4 })).collisions;
 */
export interface CollisionReport {
  /** Items that share their codes with another. */
  readonly items: number;
  /** Items of the largest group. */
  readonly largest: number;
}

/** How the codes of a level are used, and what share of the squared norm the levels up to it leave over. */
export function levelReport(codes: Int32Array, size: number, left: number): LevelReport {
  const counts = new Int32Array(size);
  for (const code of codes) counts[code]++;
  let [used, entropy] = [0, 0];
  for (const count of counts) {
    if (count === 0) continue;
    used++;
    entropy += (count / codes.length) * log2(codes.length / count);
  }
  return { size, used, entropy: Math.max(0, entropy), left };
}

/** The codes of all levels side by side, and each item's place among those of the same codes. */
export function toldApart(
  levelCodes: readonly Int32Array[],
  count: number,
): { codes: Int32Array; collisions: CollisionReport } {
  const columns = levelCodes.length + 1;
  const codes = new Int32Array(count * columns);
  const groups = new Map<string, number>();
  for (let item = 0; item < count; item++) {
    const own = levelCodes.map((level) => level[item]);
    const key = own.join(' ');
    const place = groups.get(key) ?? 0;
    groups.set(key, place + 1);
    codes.set([...own, place], item * columns);
  }
  let [items, largest] = [0, 0];
  for (const size of groups.values()) {
    if (size > 1) items += size;
    largest = Math.max(largest, size);
  }
  return { codes, collisions: { items, largest } };
}
