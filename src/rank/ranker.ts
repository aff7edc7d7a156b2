import { OptionError, shown } from '../errors.ts';
import { stateWords } from '../kernels/prefilter.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { TILE_WORDS } from '../runtime/constants.ts';
import { allocated, tableBytes, type Workspace } from '../runtime/workspace.ts';
import { FilteredItems, type ItemIndex, PackedItems } from './itemIndex.ts';

/** Users scored in one call. */
const BATCH_USERS = 512;

/** `one`: a query now and then; `many`: whole sets of users, through a 16-bit filter. The same rankings, to the bit. */
export type RankingLoad = 'one' | 'many';

/** Bytes of workspace that a ranker takes with so many threads, those of `rank` included. */
export function rankerBytes(
  numItems: number,
  dim: number,
  maxK: number,
  load: RankingLoad,
  threads: number,
): number {
  return rankerTableBytes(numItems, dim, load, threads) + rankingBytes(maxK, load);
}

/** Bytes that a ranker keeps. */
export function rankerTableBytes(numItems: number, dim: number, load: RankingLoad, threads: number): number {
  const rows = batchRows(load);
  const items =
    load === 'many' ? FilteredItems.bytes(numItems, dim, rows, threads) : PackedItems.bytes(numItems, dim);
  const scratch = allocated(TILE_WORDS * 4 * threads);
  return items + tableBytes(rows, dim) + allocated(rows * maskBytesOf(numItems)) + scratch;
}

/** Bytes that a ranker takes during `rank`. */
export function rankingBytes(maxK: number, load: RankingLoad): number {
  const rows = batchRows(load);
  const state = load === 'many' ? allocated(rows * stateWords(maxK) * 4) : 0;
  return 2 * allocated(rows * maxK * 4) + allocated(rows * 4) + state;
}

/** The items that are left out of one user's ranking. */
export class ExclusionMask {
  readonly #bytes: number;
  #bits: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(numItems: number) {
    this.#bytes = maskBytesOf(numItems);
  }

  /** @internal points the mask at the bits of user `n` among those of all users */
  aim(bits: Uint8Array, n: number): void {
    this.#bits = bits;
    this.#at = n * this.#bytes;
  }

  /** Leaves these items out. */
  exclude(items: Iterable<number>): void {
    const bits = this.#bits;
    const at = this.#at;
    for (const item of items) bits[at + (item >> 3)] |= 1 << (item & 7);
  }

  /** Leaves out every item that is not listed. */
  restrictTo(items: Iterable<number>): void {
    const allowed = new Uint8Array(this.#bytes);
    for (const item of items) allowed[item >> 3] |= 1 << (item & 7);
    for (let byte = 0; byte < this.#bytes; byte++) this.#bits[this.#at + byte] |= ~allowed[byte];
  }
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
  readonly #excluded: I32Buffer;
  readonly #maskBytes: number;
  readonly #tile: F32Buffer;

  constructor(workspace: Workspace, numItems: number, dim: number, load: RankingLoad) {
    const rows = batchRows(load);
    this.numItems = numItems;
    this.#workspace = workspace;
    this.#index =
      load === 'many'
        ? new FilteredItems(workspace, numItems, dim, rows)
        : new PackedItems(workspace, numItems, dim);
    this.#queries = workspace.matrix(rows, dim);
    this.#maskBytes = maskBytesOf(numItems);
    this.#excluded = workspace.i32((rows * this.#maskBytes) / 4);
    this.#tile = workspace.f32(TILE_WORDS * workspace.threads);
  }

  /** Takes over the items' final rows; call again when they have changed. Under `many` the table must stay. */
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
    if (!Number.isSafeInteger(k) || k < 1) {
      throw new OptionError(
        'recommend',
        `expected k to be an integer ≥ 1, received ${shown(k)}`,
        'Pass e.g. 10',
      );
    }
    const places = Math.min(k, this.numItems);
    const mark = this.#workspace.mark();
    const batch = this.#queries.rows;
    const rows = this.#wholeTiles(Math.min(count, batch));
    const top = {
      scores: this.#workspace.f32(rows * places),
      items: this.#workspace.i32(rows * places),
      counts: this.#workspace.i32(rows),
      tile: this.#tile,
    };
    for (let first = 0; first < count; first += batch) {
      const users = Math.min(batch, count - first);
      this.#fill(first, users, query, mask);
      const queries = this.#queries.slice(0, this.#wholeTiles(users));
      this.#index.topK(queries, users, this.#excluded, this.#maskBytes, places, top);
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

  /** Rows of the tiles that hold so many users. */
  #wholeTiles(users: number): number {
    const { tileRows } = this.#index;
    return Math.ceil(users / tileRows) * tileRows;
  }

  #fill(
    first: number,
    users: number,
    query: (n: number) => Float32Array,
    mask: (n: number, excluded: ExclusionMask) => void,
  ): void {
    const { stride } = this.#queries;
    const queries = this.#queries.view;
    for (let n = 0; n < users; n++) queries.set(query(first + n), n * stride);
    queries.fill(0, users * stride);
    const words = this.#excluded.view.fill(0);
    const bits = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const excluded = new ExclusionMask(this.numItems);
    for (let n = 0; n < users; n++) {
      excluded.aim(bits, n);
      mask(first + n, excluded);
    }
  }
}

function batchRows(load: RankingLoad): number {
  return load === 'one' ? 4 : BATCH_USERS;
}

function maskBytesOf(numItems: number): number {
  return Math.ceil(numItems / 32) * 4;
}
