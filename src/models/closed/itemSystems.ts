import { type Csr, transposeInPieces } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import {
  type InteractionMatrices,
  type ItemSources,
  pickSources,
  pickWords,
  solveItems,
  solveWords,
} from '../../kernels/itemSystems.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { ColumnList } from './columnList.ts';
import type { ItemColumns } from './cutRows.ts';
import { squaredNorms, weightedCsrInPieces } from './gram.ts';
import { gramTable, gramTableRoom, TABLE_ITEMS } from './gramTable.ts';
import { SourceLists } from './listedSources.ts';
import type { NeighbourLists } from './textNeighbours.ts';
import type { TextPrior } from './textPrior.ts';

/** Bytes that the text rows of a block of targets may take, and the most targets in it; multiples of 4. */
const BLOCK_BYTES = 16 * 2 ** 20;
const MOST_TARGETS = 512;
const LEAST_TARGETS = 64;

/** The settings of one model; everything that they do not name is shared. */
export interface SystemSettings {
  /** λ > 0, added to the diagonal of XᵀX. */
  readonly regularization: number;
  /** λ_E ≥ 0: how strongly weights are drawn to those of the text. */
  readonly textWeight: number;
  /** p ≥ 0: the diagonal gets p times an item's interactions more. */
  readonly popularityPenalty: number;
  /** m: items that may predict a target. */
  readonly candidates: number;
  /** Steps of conjugate gradients. */
  readonly steps: number;
  /** Whether weights below 0 are kept. */
  readonly negative: boolean;
}

/** Interactions as systems of items read them, by user and by item. */
export interface Clicks {
  /** X; see `weightedCsr`. */
  readonly byUser: Csr;
  readonly byItem: Csr;
  /** G_ii: the interactions of each item, or the sum of their weights. */
  readonly squares: Float64Array;
}

/** In pieces of work, for `inTurns`. */
export function* clicksOf(train: Interactions): Generator<void, Clicks> {
  const byUser = yield* weightedCsrInPieces(train);
  const byItem = yield* transposeInPieces(byUser);
  yield;
  return { byUser, byItem, squares: squaredNorms(byItem) };
}

/**
 * One small ridge system for each item: min ‖x_j − X b‖² + λ_X‖b‖² + λ_E‖b − c_j‖² over the b that are 0 outside a set S
 * of items that predict j best, so that (G_SS + diag(λ + p G_ii)) b = G_Sj + λ_E C_Sj with G = XᵀX and λ = λ_X + λ_E.
 * Systems are independent: threads share them, and the bytes are those of one thread.
 */
export class ItemSystems {
  readonly numItems: number;
  /** G_ii: the interactions of each item, or the sum of their weights. */
  readonly squares: Float64Array;
  readonly #workspace: Workspace;
  readonly #matrices: InteractionMatrices;
  readonly #byUser: Csr;
  readonly #byItem: Csr;
  readonly #prior: TextPrior | null;
  /** Whether sources by text are among listed ones. */
  readonly #isListed: boolean;
  #lists: SourceLists | null = null;

  /**
   * Lays the interactions out in a workspace, which may only count.
   * @param prior C of the items' vectors; null without text
   * @param isListed whether each target's sources by text are chosen among some that `start` is given, not among all items
   */
  constructor(
    workspace: Workspace,
    { byUser, byItem, squares }: Clicks,
    prior: TextPrior | null,
    isListed = false,
  ) {
    this.#byUser = byUser;
    this.#byItem = byItem;
    this.numItems = byItem.rows;
    this.squares = squares;
    this.#workspace = workspace;
    this.#prior = prior;
    this.#isListed = prior !== null && isListed;
    const { length } = byUser.colIdx;
    this.#matrices = {
      byUser: workspace.csrRoom(byUser.rows, byUser.cols, length),
      byItem: workspace.csrRoom(byItem.rows, byItem.cols, length),
      weighted: byUser.values !== null,
    };
  }

  /** Fills what was laid out. @param neighbours the sources by text among which each target's are chosen; null: all items */
  start(neighbours: NeighbourLists | null = null): void {
    this.#matrices.byUser.fill(this.#byUser);
    this.#matrices.byItem.fill(this.#byItem);
    if (this.#isListed) this.#lists = new SourceLists(this.#byItem, this.#prior!, neighbours!);
  }

  /**
   * The weights of several models at once, since what text says of each target is computed once for all of them.
   * @param turns gives the event loop its turns, and stops the work when aborted
   * @param onProgress called with the targets that are done
   * @param only marks the targets that are wanted, four at a time, [⌈items / 4⌉]; the others get no weights. Default: all
   */
  async columns(
    settings: readonly SystemSettings[],
    turns: Turns,
    onProgress?: (done: number, total: number) => void,
    only?: Uint8Array,
  ): Promise<ItemColumns[]> {
    const { numItems } = this;
    const workspace = this.#workspace;
    const mark = workspace.mark();
    const room = this.room(settings, only);
    const { block, text, packed, models, picking } = room;
    if (packed) this.#prior!.pack(packed);
    const table =
      room.table &&
      (await gramTable(
        workspace,
        this.#matrices,
        this.#byUser,
        this.#byItem,
        turns,
        TABLE_ITEMS,
        room.table,
      ));
    for (const model of models) this.#scale(model);
    const wanted = only ? 4 * marked(only) : numItems;
    const lists = models.map(({ sources }) => new ColumnList(numItems, wanted * sources.most));
    for (const { first, count } of wantedBlocks(numItems, block, only)) {
      await turns.offer();
      const rows = text?.slice(0, roundUp(count, 4));
      if (rows) this.#prior?.rows(first, rows);
      for (const [n, model] of models.entries()) {
        await turns.offer();
        const { setting, scales, ridge, sources, scratch, entries } = model;
        const how = { text: rows ?? null, textFactor: rows ? setting.textWeight : 0, scales };
        pickSources(workspace, this.#matrices, first, count, how, model.clicked ?? sources, picking);
        if (model.clicked) this.#join(first, count, model.clicked, sources, setting.textWeight);
        solveItems(workspace, this.#matrices, ridge, sources, count, setting.steps, scratch, entries, table);
        lists[n].add(first, count, sources, setting.negative);
      }
      onProgress?.(first + count, numItems);
    }
    workspace.release(mark);
    return lists.map((list) => list.columns());
  }

  /** sources ← those that share users with each target, and those that resemble it by text. */
  #join(first: number, count: number, clicked: ItemSources, out: ItemSources, textWeight: number): void {
    const listed = this.#lists!.of(first, count, out.most, clicked);
    out.sources.view.set(listed.sources);
    out.counts.view.set(listed.counts);
    const weights = out.weights.view;
    for (const [n, common] of listed.gram.entries()) weights[n] = common + textWeight * listed.text[n];
  }

  #blockTargets(): number {
    const fitting = Math.floor(BLOCK_BYTES / (4 * this.numItems) / 8) * 8;
    const targets = Math.max(LEAST_TARGETS, Math.min(MOST_TARGETS, fitting));
    return Math.min(targets, roundUp(this.numItems, 4));
  }

  /** What `columns` computes in, in a workspace that may only count. */
  room(settings: readonly SystemSettings[], only?: Uint8Array) {
    const { numItems } = this;
    const workspace = this.#workspace;
    const block = this.#blockTargets();
    const wholeRows = this.#prior !== null && !this.#isListed;
    // Sums of weights depend on their order, which is that of one system.
    const isPlain = numItems > 0 && !this.#matrices.weighted && !(only && isSmall(only));
    return {
      block,
      packed: wholeRows ? this.#prior!.packRoom() : null,
      text: wholeRows ? workspace.matrix(block, numItems, roundUp(numItems, 8)) : null,
      table: isPlain ? gramTableRoom(workspace, numItems) : null,
      models: settings.map((setting) => this.#modelRoom(setting, block, isPlain)),
      picking: workspace.i32(pickWords(numItems) * workspace.threads),
    };
  }

  #modelRoom(setting: SystemSettings, block: number, withTable: boolean) {
    const workspace = this.#workspace;
    const { numItems } = this;
    const most = Math.max(1, Math.min(setting.candidates, numItems - 1));
    const room = (places: number): ItemSources => ({
      most: places,
      sources: workspace.i32(block * places),
      weights: workspace.f32(block * places),
      counts: workspace.i32(block),
    });
    const entries = mostEntries(this.#byItem, most);
    return {
      setting,
      sources: room(most),
      clicked: this.#isListed ? room(Math.ceil(most / 2)) : null,
      entries,
      scales: workspace.f32(numItems),
      ridge: workspace.f32(numItems),
      scratch: workspace.i32(
        solveWords(this.#matrices.byUser.rows, entries, most, withTable ? numItems : 0) * workspace.threads,
      ),
    };
  }

  #scale({ setting, scales, ridge }: ReturnType<ItemSystems['room']>['models'][number]): void {
    const { regularization, popularityPenalty, textWeight } = setting;
    // How far an item alone lowers the loss; without text the cosine, which does better then.
    const withText = this.#prior !== null && !this.#isListed && textWeight > 0;
    const scaleOf = (square: number) =>
      withText ? 1 / Math.sqrt(square + regularization) : square > 0 ? 1 / Math.sqrt(square) : 0;
    scales.view.set(this.squares.map(scaleOf));
    ridge.view.set(this.squares.map((square) => regularization + popularityPenalty * square));
  }
}

/** Whether so few targets are wanted that a table for all of them costs more than it saves. */
function isSmall(only: Uint8Array): boolean {
  return marked(only) * 64 < only.length;
}

function marked(only: Uint8Array): number {
  return only.reduce((sum, mark) => sum + mark, 0);
}

/** Runs of targets that begin at multiples of four, of at most `block` targets. */
function* wantedBlocks(numItems: number, block: number, only?: Uint8Array) {
  for (let first = 0; first < numItems; ) {
    let end = first;
    while (end < numItems && end - first < block && (!only || only[end >> 2])) end += 4;
    if (end > first) yield { first, count: Math.min(end, numItems) - first };
    first = end > first ? end : first + 4;
  }
}

/** The interactions of the `most` items that have the most of them. */
function mostEntries({ rows, rowPtr }: Csr, most: number): number {
  const degrees = Int32Array.from({ length: rows }, (_, item) => rowPtr[item + 1] - rowPtr[item]).sort();
  return Math.max(
    1,
    degrees.subarray(Math.max(0, rows - most)).reduce((sum, degree) => sum + degree, 0),
  );
}
