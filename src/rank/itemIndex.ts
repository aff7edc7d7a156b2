import {
  encodeQueries,
  encodeRows,
  type QueryCodes,
  queryCodes,
  type RowCodes,
  rowCodes,
} from '../kernels/codes.ts';
import { scanCodes, scanRows } from '../kernels/scan.ts';
import { clearTopK, sortTopK, type TopK } from '../kernels/topk.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * The item rows of a ranking, ready to be scored. All kinds give the same result, to the bit. The table given to `set`
 * is read again by every `topK`.
 */
export interface ItemIndex {
  /** Takes over the items' rows; call again when they have changed. */
  set(items: Matrix): void;
  /** The k best items of the first `count` queries that their bitmaps do not exclude. */
  topK(queries: Matrix, count: number, excluded: I32Buffer, maskBytes: number, k: number, top: TopK): void;
}

/** The rows as they are: for single queries. */
export class PlainItems implements ItemIndex {
  readonly #workspace: Workspace;
  readonly #scores: F32Buffer;
  #items: Matrix | null = null;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#scores = workspace.f32(4);
  }

  set(items: Matrix): void {
    this.#items = items;
  }

  topK(queries: Matrix, count: number, excluded: I32Buffer, maskBytes: number, k: number, top: TopK): void {
    const workspace = this.#workspace;
    clearTopK(workspace, count, k, top);
    for (let n = 0; n < count; n++)
      scanRows(workspace, queries, n, this.#items!, { excluded, maskBytes }, k, top, this.#scores);
    sortTopK(workspace, count, k, top);
  }
}

/** The rows with their codes, which rule most items out before they are scored: for many queries; 1 byte an element more. */
export class CodedItems implements ItemIndex {
  readonly #workspace: Workspace;
  readonly #codes: RowCodes;
  readonly #queries: QueryCodes;
  #items: Matrix | null = null;

  /** @param maxQueries the most queries of a `topK`, a multiple of four */
  constructor(workspace: Workspace, numItems: number, dim: number, maxQueries: number) {
    this.#workspace = workspace;
    this.#codes = rowCodes(workspace, numItems, dim);
    this.#queries = queryCodes(workspace, maxQueries, dim);
  }

  set(items: Matrix): void {
    this.#items = items;
    encodeRows(this.#workspace, items, this.#codes);
  }

  topK(queries: Matrix, count: number, excluded: I32Buffer, maskBytes: number, k: number, top: TopK): void {
    const workspace = this.#workspace;
    clearTopK(workspace, count, k, top);
    encodeQueries(workspace, queries, count, this.#queries);
    const masks = { excluded, maskBytes };
    scanCodes(workspace, queries, count, this.#queries, this.#items!, this.#codes, masks, k, top);
    sortTopK(workspace, count, k, top);
  }
}
