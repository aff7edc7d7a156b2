import { checkIsInteractions } from '../../data/argumentKinds.ts';
import type { Csr } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { resolveOptions } from '../../options/resolve.ts';
import { rowBudgets } from '../../rank/largestEntries.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import { load } from '../../runtime/load.ts';
import { inTurns, Turns } from '../../runtime/turns.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { type ItemColumns, rowsFromColumns } from './cutRows.ts';
import { weightedCsr } from './gram.ts';
import { clicksOf, ItemSystems } from './itemSystems.ts';
import { L3AE_OPTIONS, type L3aeOptions, l3aeSettings } from './l3aeOptions.ts';

/** A solved model: its interactions, and all weights before rows are cut. */
interface State {
  readonly train: Interactions;
  readonly byUser: Csr;
  readonly columns: ItemColumns;
  readonly squares: Float64Array;
}

/**
 * A sparse EASE (`l3ae` without vectors) that takes changes in: only items whose systems a change can reach are solved again,
 * all of them exactly, so that the model is that of a training on the new interactions to the byte.
 *
 * @example
 * const session = await SparseSession.open(split.train, { runtime });
 * await session.update(interactions);
 * const scorer = await session.scorer();
 */
export class SparseSession {
  readonly #options: L3aeOptions;
  #state: State;

  private constructor(state: State, options: L3aeOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** @throws as `l3ae` */
  static async open(train: Interactions, options: Omit<L3aeOptions, 'form'> = {}): Promise<SparseSession> {
    checkIsInteractions(train, 'SparseSession.open');
    return new SparseSession(await solved(train, options, null, null), options);
  }

  /**
   * Replaces the interactions by others that share most of theirs. Items that were there keep their places where the
   * others begin with the same item ids; else all are solved again.
   * @returns how many items were solved again, up to a multiple of four
   */
  async update(next: Interactions): Promise<number> {
    checkIsInteractions(next, 'SparseSession.update');
    const only = this.#reached(next);
    this.#state = await solved(next, this.#options, this.#state, only);
    return only ? 4 * only.reduce((sum, wanted) => sum + wanted, 0) : next.numItems;
  }

  /** The model of the present interactions. */
  async scorer(): Promise<RowScorer> {
    const { columns, squares } = this.#state;
    const { entries } = l3aeSettings(
      resolveOptions(L3AE_OPTIONS, this.#options, 'l3ae'),
      columns.numItems,
      false,
    );
    const turns = new Turns(this.#options.signal);
    return new RowScorer('l3ae', await rowsFromColumns(columns, rowBudgets(squares, entries), turns));
  }

  /** Marks the items whose systems may be others than before, by fours; null when all may be. */
  #reached(next: Interactions): Uint8Array | null {
    const { train, byUser } = this.#state;
    const [before, after] = [train, next].map(({ numItems }) =>
      l3aeSettings(resolveOptions(L3AE_OPTIONS, this.#options, 'l3ae'), numItems, false),
    );
    const samePlaces = train.itemIds.every((id, item) => next.itemIds[item] === id);
    const wholeCatalogue = train.numItems - 1 <= after.candidates;
    if (!samePlaces || wholeCatalogue || before.popularityPenalty !== after.popularityPenalty) return null;
    const nextByUser = weightedCsr(next);
    const reached = new Uint8Array(Math.ceil(next.numItems / 4));
    const changed = new Set<number>();
    for (const [user, id] of next.userIds.entries()) {
      const old = train.userIndex(id);
      noteChanges(old === undefined ? [] : entriesOf(byUser, old), entriesOf(nextByUser, user), changed);
    }
    for (const [user, id] of train.userIds.entries())
      if (next.userIndex(id) === undefined) noteChanges(entriesOf(byUser, user), [], changed);
    // Whatever shares a user with an item that changed may choose it as a source, or have chosen it.
    for (const csr of [byUser, nextByUser]) {
      for (let user = 0; user < csr.rows; user++) {
        const own = csr.colIdx.subarray(csr.rowPtr[user], csr.rowPtr[user + 1]);
        if (own.some((item) => changed.has(item))) for (const item of own) reached[item >> 2] = 1;
      }
    }
    return reached;
  }
}

interface Entry {
  readonly item: number;
  readonly value: number;
}

function entriesOf({ rowPtr, colIdx, values }: Csr, row: number): Entry[] {
  return Array.from(colIdx.subarray(rowPtr[row], rowPtr[row + 1]), (item, n) => ({
    item,
    value: values ? values[rowPtr[row] + n] : 1,
  }));
}

/** Adds the items that one of two rows has and the other has not, or at another value. */
function noteChanges(before: readonly Entry[], after: readonly Entry[], changed: Set<number>): void {
  const old = new Map(before.map(({ item, value }) => [item, value]));
  for (const { item, value } of after) {
    if (old.get(item) !== value) changed.add(item);
    old.delete(item);
  }
  for (const item of old.keys()) changed.add(item);
}

/** Solves the wanted items' systems, all without a list, and keeps what was known of the others. */
async function solved(
  train: Interactions,
  options: L3aeOptions,
  known: State | null,
  only: Uint8Array | null,
): Promise<State> {
  const settings = l3aeSettings(resolveOptions(L3AE_OPTIONS, options, 'l3ae'), train.numItems, false);
  const clicks = await inTurns(clicksOf(train), new Turns(options.signal));
  const wanted = only ?? undefined;
  const layout = (workspace: Workspace) => {
    const systems = new ItemSystems(workspace, clicks, null);
    workspace.foresee(() => systems.room([settings], wanted));
    return systems;
  };
  return (options.runtime ?? (await load())).use('SparseSession', layout, async (systems) => {
    systems.start();
    const [found] = await systems.columns([settings], new Turns(options.signal), undefined, wanted);
    const columns = known && only ? merged(known.columns, found, only) : found;
    return { train, byUser: clicks.byUser, columns, squares: clicks.squares };
  });
}

/** The columns of the wanted items from `found`, those of the others from `known`. */
function merged(known: ItemColumns, found: ItemColumns, only: Uint8Array): ItemColumns {
  const { numItems } = found;
  const from = (j: number) => (only[j >> 2] || j >= known.numItems ? found : known);
  const colPtr = new Int32Array(numItems + 1);
  for (let j = 0; j < numItems; j++) colPtr[j + 1] = colPtr[j] + from(j).colPtr[j + 1] - from(j).colPtr[j];
  const sources = new Int32Array(colPtr[numItems]);
  const weights = new Float32Array(colPtr[numItems]);
  for (let j = 0; j < numItems; j++) {
    const part = from(j);
    sources.set(part.sources.subarray(part.colPtr[j], part.colPtr[j + 1]), colPtr[j]);
    weights.set(part.weights.subarray(part.colPtr[j], part.colPtr[j + 1]), colPtr[j]);
  }
  return { numItems, colPtr, sources, weights };
}
