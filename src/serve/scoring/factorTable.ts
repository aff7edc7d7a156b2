import { float32ToHalf, halfToFloat32 } from '../../format/half.ts';
import { encodeQueries, type QueryCodes, queryCodes } from '../../kernels/codes.ts';
import { scanCodes, scanRows, scoreCodes, scoreListed } from '../../kernels/scan.ts';
import { clearTopK, sortTopK, type TopK } from '../../kernels/topk.ts';
import {
  type ByteBuffer,
  type F32Buffer,
  HalfMatrix,
  type I32Buffer,
  type Matrix,
} from '../../runtime/buffers.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import type { ModelMemory } from '../modelMemory.ts';
import { type CodedRow, Segment } from './segment.ts';

/** Single queries that are ranked on the rows as they are before codes are made, which cost about as much as five. */
const PLAIN_QUERIES = 4;
/** Rows of the first segment of added items; each further one has twice as many, up to the most. */
const FIRST_ADDED = 64;
const MOST_ADDED = 65_536;

/** Ranked items, best first. */
export interface Ranked {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/**
 * How a table finds what is best. The lists are the same.
 *
 * @example
 * const index: IndexChoice = 'rows';
 * const recommender = await Recommender.open(modelBytes, { index });
 */
export type IndexChoice = 'auto' | 'rows' | 'codes';

/** One query of a batch. */
export interface RowQuery {
  readonly row: Float32Array;
  /** A bit for each item that is left out. */
  readonly excluded: Uint8Array;
}

/** The final rows of the items: in the model file where they lie, and behind them in segments of their own those added. */
export class FactorTable {
  readonly dim: number;
  /** Whether rows are kept, or codes alone. */
  readonly isExact: boolean;
  readonly #memory: ModelMemory;
  readonly #segments: Segment[];
  readonly #index: IndexChoice;
  /** Single queries so far. */
  #queries = 0;

  constructor(memory: ModelMemory, base: Segment, index: IndexChoice) {
    this.dim = base.dim;
    this.isExact = base.rows !== null;
    this.#memory = memory;
    this.#segments = [base];
    this.#index = index;
    if (index === 'codes') base.encoded();
  }

  get numItems(): number {
    const last = this.#segments[this.#segments.length - 1];
    return last.first + last.count;
  }

  /** The row of an item as f32 numbers. */
  row(item: number): Float32Array<ArrayBuffer> {
    const segment = this.#segmentOf(item);
    return segment.row(item - segment.first);
  }

  /** The row of an item in 8 bits. */
  codedRow(item: number): CodedRow {
    const segment = this.#segmentOf(item);
    return segment.codedRow(item - segment.first);
  }

  /** Overwrites the row of an item, or adds one behind the last. */
  setRow(item: number, values: Float32Array): void {
    const last = this.#segments[this.#segments.length - 1];
    if (item === last.first + last.capacity) this.#addSegment(item);
    const segment = this.#segmentOf(item);
    // As a file of f16 will keep it.
    const isHalf = this.#segments[0].rows instanceof HalfMatrix;
    segment.setRow(item - segment.first, isHalf ? halfToFloat32(float32ToHalf(values)) : values);
  }

  /** The k best for one query. @param cosine the query has length 1 and scores are cosines */
  rank(query: RowQuery, k: number, cosine = false): Ranked {
    return this.rankMany([query], k, cosine, this.#usesCodes())[0];
  }

  /** The k best for each query: in one go, for a few hundred of them. */
  rankMany(
    queries: readonly RowQuery[],
    k: number,
    cosine = false,
    usesCodes = this.#index !== 'rows',
  ): Ranked[] {
    const { workspace } = this.#memory;
    const places = Math.min(k, this.numItems);
    // What is made once, before memory is taken that is given back.
    for (const segment of this.#segments) {
      if (usesCodes) segment.encoded();
      if (cosine) segment.cosines();
    }
    const mark = workspace.mark();
    try {
      const rows = this.#queryRows(queries.map(({ row }) => row));
      const masks = stacked(workspace, queries);
      const top = {
        scores: workspace.f32(rows.rows * places),
        items: workspace.i32<'item'>(rows.rows * places),
        counts: workspace.i32(rows.rows),
      };
      clearTopK(workspace, queries.length, places, top);
      if (usesCodes || !this.isExact) this.#scanCodes(rows, queries.length, masks, places, top, cosine);
      else this.#scanRows(rows, queries.length, masks, places, top, cosine);
      sortTopK(workspace, queries.length, places, top);
      return read(top, queries.length, places);
    } finally {
      workspace.release(mark);
    }
  }

  /** out[i] ← ⟨row, item i⟩ for all items, added to what is there where `add`. */
  scoreAll(row: Float32Array, out: F32Buffer, add: boolean): void {
    const { workspace } = this.#memory;
    const mark = workspace.mark();
    const query = this.#queryRows([row]);
    const codes = this.isExact ? null : this.#encoded(query, 1);
    for (const segment of this.#segments)
      this.#scoreSegment(segment, query, codes, null, out.from(segment.first), add);
    workspace.release(mark);
  }

  /** ⟨row, item⟩ of each listed item, as `rank` scores it. */
  scoreItems(row: Float32Array, items: readonly number[]): Float32Array<ArrayBuffer> {
    const { workspace } = this.#memory;
    const mark = workspace.mark();
    const query = this.#queryRows([row]);
    const codes = this.isExact ? null : this.#encoded(query, 1);
    const scores = new Float32Array(items.length);
    for (const segment of this.#segments) {
      const places = [...items.keys()].filter((n) => segment.holds(items[n]));
      if (places.length === 0) continue;
      const list = workspace.i32From(places.map((n) => items[n] - segment.first));
      const out = workspace.f32(places.length);
      this.#scoreSegment(segment, query, codes, list, out, false);
      for (const [n, score] of out.view.entries()) scores[places[n]] = score;
    }
    workspace.release(mark);
    return scores;
  }

  #scoreSegment(
    segment: Segment,
    query: Matrix,
    codes: QueryCodes | null,
    list: I32Buffer | null,
    out: F32Buffer,
    add: boolean,
  ): void {
    const { workspace } = this.#memory;
    const count = list?.length ?? segment.count;
    if (codes) scoreCodes(workspace, codes, this.dim, segment.encoded(), list, count, out, add);
    else scoreListed(workspace, query, segment.table!, list, count, out, add);
  }

  #scanRows(rows: Matrix, count: number, masks: Masks, k: number, top: TopK, cosine: boolean): void {
    const { workspace } = this.#memory;
    const { excluded, maskBytes } = masks;
    const scratch = workspace.f32(4);
    for (const segment of this.#segments) {
      const factors = cosine ? segment.cosines().factors : null;
      const options = { excluded, maskBytes, first: segment.first, factors };
      for (let n = 0; n < count; n++) scanRows(workspace, rows, n, segment.table!, options, k, top, scratch);
    }
  }

  #scanCodes(rows: Matrix, count: number, masks: Masks, k: number, top: TopK, cosine: boolean): void {
    const { workspace } = this.#memory;
    const { excluded, maskBytes } = masks;
    const queries = this.#encoded(rows, count);
    for (const segment of this.#segments) {
      const cosines = cosine ? segment.cosines() : null;
      const codes = cosines?.codes ?? segment.encoded();
      const options = { excluded, maskBytes, first: segment.first, factors: cosines?.factors };
      scanCodes(workspace, rows, count, queries, segment.table ?? segment.count, codes, options, k, top);
    }
  }

  /** Rows of queries, whole groups of four. */
  #queryRows(rows: readonly Float32Array[]): Matrix {
    const table = this.#memory.workspace.matrix(Math.ceil(rows.length / 4) * 4, this.dim);
    const { view, stride } = table;
    for (let n = 0; n < rows.length; n++) view.set(rows[n], n * stride);
    return table;
  }

  #encoded(queries: Matrix, count: number): QueryCodes {
    const codes = queryCodes(this.#memory.workspace, queries.rows, this.dim);
    encodeQueries(this.#memory.workspace, queries, count, codes);
    return codes;
  }

  #usesCodes(): boolean {
    if (this.#index !== 'auto') return this.#index === 'codes';
    return this.#segments[0].codes !== null || ++this.#queries > PLAIN_QUERIES;
  }

  #segmentOf(item: number): Segment {
    let at = this.#segments.length - 1;
    while (this.#segments[at].first > item) at--;
    return this.#segments[at];
  }

  #addSegment(first: number): void {
    const capacity = Math.min(MOST_ADDED, FIRST_ADDED * 2 ** (this.#segments.length - 1));
    const segment = Segment.empty(this.#memory, first, this.dim, capacity, this.isExact);
    if (this.#segments[0].codes) segment.encoded();
    this.#segments.push(segment);
  }
}

interface Masks {
  readonly excluded: ByteBuffer;
  readonly maskBytes: number;
}

/** The masks of queries one after the other, and a byte behind the last. */
function stacked(workspace: Workspace, queries: readonly RowQuery[]): Masks {
  const maskBytes = queries[0].excluded.length;
  const excluded = workspace.bytes(queries.length * maskBytes + 1);
  const { view } = excluded;
  for (let n = 0; n < queries.length; n++) view.set(queries[n].excluded, n * maskBytes);
  return { excluded, maskBytes };
}

/** Copies of the first lists. */
function read({ items, scores, counts }: TopK, count: number, k: number): Ranked[] {
  const [allItems, allScores, found] = [items.view, scores.view, counts.view];
  const ranked: Ranked[] = [];
  for (let n = 0; n < count; n++) {
    const [begin, end] = [n * k, n * k + found[n]];
    ranked.push({ items: allItems.slice(begin, end), scores: allScores.slice(begin, end) });
  }
  return ranked;
}
