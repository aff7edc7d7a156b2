import { OptionError, shown } from '../errors.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { allocated, tableBytes, type Workspace } from '../runtime/workspace.ts';
import { CodedItems, type ItemIndex, PlainItems } from './itemIndex.ts';
import { type ExclusionMask, MaskTable, maskBytesOf } from './masks.ts';

/** Users scored in one call. */
const BATCH_USERS = 512;

/** `one`: a query now and then; `many`: whole sets of users, through codes of 8 bits. The same rankings, to the bit. */
export type RankingLoad = 'one' | 'many';

/** Bytes of workspace that a ranker takes, those of `rank` included; the items' table is not among them. */
export function rankerBytes(numItems: number, dim: number, maxK: number, load: RankingLoad): number {
  return rankerTableBytes(numItems, dim, load) + rankingBytes(maxK, load);
}

/** Bytes that a ranker keeps. */
export function rankerTableBytes(numItems: number, dim: number, load: RankingLoad): number {
  const rows = batchRows(load);
  const items = load === 'many' ? CodedItems.bytes(numItems, dim, rows) : PlainItems.bytes();
  return items + tableBytes(rows, dim) + allocated(rows * maskBytesOf(numItems) + 4);
}

/** Bytes that a ranker takes during `rank`. */
export function rankingBytes(maxK: number, load: RankingLoad): number {
  const rows = batchRows(load);
  return 2 * allocated(rows * maxK * 4) + allocated(rows * 4);
}

/** One user's ranked items, best first; ties stand in ascending item order. Views, valid during the call only. */
export interface RankedView {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/**
 * Exact top-k by inner product over all items. The one scoring path of the package: serving and evaluation both
 * rank here.
 */
export class Ranker {
  readonly numItems: number;
  readonly #workspace: Workspace;
  readonly #index: ItemIndex;
  readonly #queries: Matrix;
  readonly #masks: MaskTable;

  constructor(workspace: Workspace, numItems: number, dim: number, load: RankingLoad) {
    const rows = batchRows(load);
    this.numItems = numItems;
    this.#workspace = workspace;
    this.#index =
      load === 'many' ? new CodedItems(workspace, numItems, dim, rows) : new PlainItems(workspace);
    this.#queries = workspace.matrix(rows, dim);
    this.#masks = new MaskTable(workspace, rows, numItems);
  }

  /** Takes over the items' final rows; call again when they have changed. The table must stay. */
  setItems(items: Matrix): void {
    this.#index.set(items);
  }

  /**
   * Ranks `count` queries.
   * @param query the dense row of query n (length dim); like `mask` it must not allocate in the workspace
   * @param mask marks what query n must not return; it starts with nothing excluded
   * @param visit receives the ranked items of query n: k of them, or as many as are left
   * @throws {OptionError} unless k is an integer ≥ 1
   */
  rank(
    count: number,
    k: number,
    query: (n: number) => Float32Array,
    mask: (n: number, excluded: ExclusionMask) => void,
    visit: (n: number, ranked: RankedView) => void,
  ): void {
    checkK(k);
    const places = Math.min(k, this.numItems);
    const mark = this.#workspace.mark();
    const batch = this.#queries.rows;
    const rows = Math.min(count, batch);
    const top = {
      scores: this.#workspace.f32(rows * places),
      items: this.#workspace.i32(rows * places),
      counts: this.#workspace.i32(rows),
    };
    for (let first = 0; first < count; first += batch) {
      const users = Math.min(batch, count - first);
      this.#fill(first, users, query);
      this.#masks.fill(first, users, mask);
      this.#index.topK(this.#queries, users, this.#masks.bits, this.#masks.maskBytes, places, top);
      const items = top.items.view;
      const scores = top.scores.view;
      const counts = top.counts.view;
      for (let n = 0; n < users; n++) {
        const from = n * places;
        const to = from + counts[n];
        visit(first + n, { items: items.subarray(from, to), scores: scores.subarray(from, to) });
      }
    }
    this.#workspace.release(mark);
  }

  #fill(first: number, users: number, query: (n: number) => Float32Array): void {
    const { stride } = this.#queries;
    const queries = this.#queries.view;
    for (let n = 0; n < users; n++) queries.set(query(first + n), n * stride);
  }
}

/** @throws {OptionError} unless k is an integer ≥ 1 */
export function checkK(k: number): void {
  if (Number.isSafeInteger(k) && k >= 1) return;
  throw new OptionError(
    'recommend',
    `expected k to be an integer ≥ 1, received ${shown(k)}`,
    'Pass e.g. 10',
    'k',
  );
}

function batchRows(load: RankingLoad): number {
  return load === 'one' ? 4 : BATCH_USERS;
}
