import { packPanels } from '../kernels/gemm.ts';
import { filterWords, type QueryScratch16, scoreTopK16, stateWords } from '../kernels/prefilter.ts';
import { type ItemPanels16, packPanels16, rowWords } from '../kernels/quantize.ts';
import { scoreTopK, type TopK } from '../kernels/score.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../runtime/buffers.ts';
import { FILTER_LENGTH } from '../runtime/constants.ts';
import { allocated, type Workspace } from '../runtime/workspace.ts';

/** The item rows of a ranking, laid out for scoring. All layouts give the same result, to the bit. */
export interface ItemIndex {
  /** Queries are scored so many at a time: their table has a multiple of it. */
  readonly tileRows: number;
  /** Takes over the items' rows; call again when they have changed. */
  set(items: Matrix): void;
  /** The k best items of the first `count` queries that their bitmaps do not exclude; the others are padding. */
  topK(queries: Matrix, count: number, excluded: I32Buffer, maskBytes: number, k: number, top: TopK): void;
}

/** `set` copies the items; 4 bytes an element. For single queries, and where memory is short. */
export class PackedItems implements ItemIndex {
  readonly tileRows = 4;
  readonly #workspace: Workspace;
  readonly #panels: F32Buffer;
  readonly #numItems: number;

  constructor(workspace: Workspace, numItems: number, dim: number) {
    this.#workspace = workspace;
    this.#numItems = numItems;
    this.#panels = workspace.f32(Math.ceil(numItems / 8) * 8 * dim);
  }

  static bytes(numItems: number, dim: number): number {
    return allocated(Math.ceil(numItems / 8) * 8 * dim * 4);
  }

  set(items: Matrix): void {
    packPanels(this.#workspace, items, this.#panels);
  }

  topK(queries: Matrix, _count: number, excluded: I32Buffer, maskBytes: number, k: number, top: TopK): void {
    scoreTopK(this.#workspace, queries, this.#panels, this.#numItems, excluded, maskBytes, k, top);
  }
}

/**
 * A 16-bit copy of the items that rules most of them out before their exact scores are computed: for many queries.
 * The table given to `set` is read again by every `topK`.
 */
export class FilteredItems implements ItemIndex {
  readonly tileRows = 8;
  readonly #workspace: Workspace;
  readonly #panels: I32Buffer;
  readonly #slack: I32Buffer;
  readonly #order: I32Buffer<'item'>;
  readonly #scratch: Omit<QueryScratch16, 'state'>;
  #items: Matrix | null = null;
  #packed: ItemPanels16 | null = null;

  /** @param maxQueries rows of the largest table of queries, a multiple of 8 */
  constructor(workspace: Workspace, numItems: number, dim: number, maxQueries: number) {
    const words = filterWords(numItems, dim, maxQueries);
    this.#workspace = workspace;
    this.#panels = workspace.i32(words.panels);
    this.#slack = workspace.i32(words.slack);
    this.#order = workspace.i32(numItems);
    this.#scratch = {
      q: workspace.i32(words.q),
      terms: workspace.f64(maxQueries * 2),
      unpacked: workspace.i32(workspace.threads * rowWords(dim)),
    };
  }

  static bytes(numItems: number, dim: number, maxQueries: number, threads: number): number {
    const { panels, slack, q } = filterWords(numItems, dim, maxQueries);
    const unpacked = threads * rowWords(dim);
    return [panels, slack, numItems, q, maxQueries * 4, unpacked].reduce(
      (sum, n) => sum + allocated(n * 4),
      0,
    );
  }

  set(items: Matrix): void {
    const { view, rows, dim, stride } = items;
    const squares = new Float64Array(rows);
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let c = r * stride; c < r * stride + dim; c++) sum += view[c] * view[c];
      squares[r] = sum;
    }
    const longest = squares.reduce((a, b) => Math.max(a, b), 0);
    const scale = Math.fround(FILTER_LENGTH / Math.max(Math.sqrt(longest), 1e-30));
    this.#items = items;
    longRowsFirst(squares, longest, this.#order.view);
    const buffers = { panels: this.#panels, slack: this.#slack, order: this.#order };
    this.#packed = { ...buffers, scale };
    packPanels16(this.#workspace, items, this.#packed, this.#scratch.unpacked);
  }

  topK(queries: Matrix, count: number, excluded: I32Buffer, maskBytes: number, k: number, top: TopK): void {
    const mark = this.#workspace.mark();
    const scratch = { ...this.#scratch, state: this.#workspace.i32(queries.rows * stateWords(k)) };
    scoreTopK16(
      this.#workspace,
      queries,
      count,
      this.#items!,
      this.#packed!,
      excluded,
      maskBytes,
      k,
      top,
      scratch,
    );
    this.#workspace.release(mark);
  }
}

/** Steps of length in which items are ordered. */
const LENGTHS = 256;

/** Writes all items to `order`, those with long rows first: they are the likely ones to be ranked high. */
function longRowsFirst(squares: Float64Array, longest: number, order: Int32Array): void {
  const stepOf = (item: number) =>
    longest > 0 && longest < Number.POSITIVE_INFINITY
      ? Math.floor((1 - Math.sqrt(squares[item] / longest)) * (LENGTHS - 1))
      : 0;
  const starts = new Int32Array(LENGTHS + 1);
  for (let item = 0; item < squares.length; item++) starts[stepOf(item) + 1]++;
  for (let step = 0; step < LENGTHS; step++) starts[step + 1] += starts[step];
  for (let item = 0; item < squares.length; item++) order[starts[stepOf(item)]++] = item;
}
