import { OptionError, shown } from '../errors.ts';
import type { TopK } from '../kernels/topk.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { CodedItems, type ItemIndex, PlainItems } from './itemIndex.ts';
import { Lists } from './lists.ts';
import { type ExclusionMask, MaskTable } from './masks.ts';

/** Users scored in one call. */
const BATCH_USERS = 512;

/** `one`: a query now and then; `many`: whole sets of users, through codes of 8 bits. The same rankings, to the bit. */
export type RankingLoad = 'one' | 'many';

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
  readonly #index: ItemIndex;
  readonly #queries: Matrix;
  readonly #masks: MaskTable;
  readonly #lists: Lists;

  /** @param usualK items that are asked for as a rule */
  constructor(workspace: Workspace, numItems: number, dim: number, load: RankingLoad, usualK: number) {
    const rows = batchRows(load);
    this.numItems = numItems;
    this.#index =
      load === 'many' ? new CodedItems(workspace, numItems, dim, rows) : new PlainItems(workspace);
    this.#queries = workspace.matrix(rows, dim);
    this.#masks = new MaskTable(workspace, rows, numItems);
    this.#lists = new Lists(workspace, rows, Math.min(usualK, numItems));
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
    this.#lists.use(places, count, (top, batch) => {
      for (let first = 0; first < count; first += batch) {
        const users = Math.min(batch, count - first);
        this.#fill(first, users, query);
        this.#masks.fill(first, users, mask);
        this.#index.topK(this.#queries, users, this.#masks.bits, this.#masks.maskBytes, places, top);
        visitLists(top, users, places, (n, ranked) => visit(first + n, ranked));
      }
    });
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

/** visit(n, list) for each of the first lists, each of at most `places` items. */
export function visitLists(
  top: TopK,
  count: number,
  places: number,
  visit: (n: number, ranked: RankedView) => void,
): void {
  const [items, scores, counts] = [top.items.view, top.scores.view, top.counts.view];
  for (let n = 0; n < count; n++) {
    const from = n * places;
    const to = from + counts[n];
    visit(n, { items: items.subarray(from, to), scores: scores.subarray(from, to) });
  }
}

function batchRows(load: RankingLoad): number {
  return load === 'one' ? 4 : BATCH_USERS;
}
