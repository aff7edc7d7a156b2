import { checkIsInteractions } from '../../data/argumentKinds.ts';
import { type Csr, transpose } from '../../data/csr.ts';
import type { Interactions } from '../../data/interactions.ts';
import { combineEmbeddings } from '../../embed/combine.ts';
import { alignEmbeddings, checkIsEmbeddings, type Embeddings } from '../../embed/embeddings.ts';
import { type RankOneTerm, updateInverse } from '../../linalg/updateInverse.ts';
import { optionsObject, resolveOptions } from '../../options/resolve.ts';
import { RowScorer } from '../../rank/rowScorer.ts';
import type { Matrix } from '../../runtime/buffers.ts';
import { load, type Runtime } from '../../runtime/load.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import { Turns } from '../../runtime/turns.ts';
import { countBytes, type Workspace } from '../../runtime/workspace.ts';
import {
  checkDiagonal,
  type DenseSettings,
  gramInverseRoom,
  invertGram,
  rowsOfInverse,
} from './denseItemRows.ts';
import { squaredNorms, weightedCsr } from './gram.ts';
import { L3AE_OPTIONS, type L3aeOptions, l3aeSettings } from './l3aeOptions.ts';
import { TextPrior } from './textPrior.ts';

/** With more changes than this share of the items a new inverse takes less. */
const MOST_CHANGES = 0.25;

/** What the session knows of the interactions behind its inverse. */
interface State {
  readonly train: Interactions;
  readonly byUser: Csr;
  readonly squares: Float64Array;
  readonly workspace: Workspace;
  readonly p: Matrix;
}

/**
 * A dense L3AE (without vectors: EASE) that takes changes in: a click, a user or an item more or less changes XᵀX by a few
 * columns, and the inverse by Woodbury's identity, in numItems² operations each where a training takes numItems³. What
 * comes out is what a training on the new interactions gives, within 1e-5.
 *
 * @example
 * const session = await DenseSession.open(split.train, null, { runtime });
 * await session.update(interactions);
 * const scorer = await session.scorer();
 * session.close();
 */
export class DenseSession {
  readonly #embeddings: Embeddings | null;
  readonly #options: L3aeOptions;
  #state: State;

  private constructor(state: State, embeddings: Embeddings | null, options: L3aeOptions) {
    this.#state = state;
    this.#embeddings = embeddings;
    this.#options = options;
  }

  /**
   * @param embeddings vectors of items, also of those that may come; null without text
   * @param options as of `l3ae` with `form: 'dense'`
   * @throws as `l3ae`
   */
  static async open(
    train: Interactions,
    embeddings: Embeddings | null,
    options: Omit<L3aeOptions, 'form' | 'candidates' | 'steps'> = {},
  ): Promise<DenseSession> {
    checkIsInteractions(train, 'DenseSession.open');
    if (embeddings !== null) checkIsEmbeddings(embeddings, 'DenseSession.open');
    const settings = denseSettings(options, train, embeddings);
    const state = await trainedState(train, settings, options);
    return new DenseSession(state, embeddings, options);
  }

  /**
   * Replaces the interactions by others that share most of theirs, by the ids of users and items.
   * @returns how many columns the update took; null where a new inverse took less
   * @throws {OptionError} where f32 loses the inverse
   */
  async update(next: Interactions): Promise<number | null> {
    checkIsInteractions(next, 'DenseSession.update');
    const settings = this.#settings(next);
    const { train, byUser, squares, workspace, p } = this.#state;
    const nextByUser = weightedCsr(next);
    const nextSquares = squaredNorms(transpose(nextByUser));
    const space = itemSpace(train, next);
    const terms = [
      ...userTerms(train, byUser, next, nextByUser, space),
      ...penaltyTerms(squares, nextSquares, space, settings.popularityPenalty),
    ];
    const wide = Math.max(train.numItems, next.numItems);
    if (
      terms.length > MOST_CHANGES * wide ||
      settings.popularityPenalty !== this.#settings(train).popularityPenalty
    ) {
      workspace.close();
      this.#state = await trainedState(next, settings, this.#options);
      return null;
    }
    // Not to be stopped half way: the table would be lost.
    this.#options.signal?.throwIfAborted();
    const runtime = this.#options.runtime ?? (await load());
    const grown =
      space.size === train.numItems
        ? { workspace, p }
        : growTable(openTable(runtime, space.size), p, train.numItems, space.size, settings);
    const regular = await updateInverse(grown.workspace, grown.p, terms, new Turns());
    const kept = inOrder(grown.workspace, grown.p, space, next, () => openTable(runtime, next.numItems));
    if (kept.workspace !== workspace) workspace.close();
    if (!regular) {
      kept.workspace.close();
      this.#state = await trainedState(next, settings, this.#options);
      return null;
    }
    checkDiagonal(kept.p, next.numItems, settings.regularization);
    this.#state = { train: next, byUser: nextByUser, squares: nextSquares, ...kept };
    return terms.length;
  }

  /** The model of the present interactions. */
  async scorer(): Promise<RowScorer> {
    const { train, squares, workspace, p } = this.#state;
    const settings = this.#settings(train);
    const turns = new Turns(this.#options.signal);
    const mark = workspace.mark();
    const prior = await this.#prior(turns);
    const rows = await rowsOfInverse(workspace, p, squares, prior, settings, turns);
    workspace.release(mark);
    return new RowScorer('l3ae', rows);
  }

  /** Frees the memory. */
  close(): void {
    this.#state.workspace.close();
  }

  #settings(train: Interactions) {
    return denseSettings(this.#options, train, this.#embeddings);
  }

  async #prior(turns: Turns): Promise<TextPrior | null> {
    if (this.#embeddings === null) return null;
    const { train, workspace } = this.#state;
    const prepared = combineEmbeddings([{ embeddings: this.#embeddings }], train.itemIds);
    const { vectors } = alignEmbeddings(prepared, train.itemIds);
    const prior = new TextPrior(workspace, train.numItems, prepared.width);
    await prior.start(vectors, this.#options.textRegularization ?? 10, turns);
    return prior;
  }
}

function denseSettings(options: L3aeOptions, { numItems }: Interactions, embeddings: Embeddings | null) {
  const given = { ...optionsObject(options, { where: 'l3ae' }), form: 'dense' };
  return l3aeSettings(resolveOptions(L3AE_OPTIONS, given, 'l3ae'), numItems, embeddings !== null);
}

/** A memory for the inverse of so many items, and for what computes it. */
function openTable(runtime: Runtime, numItems: number): Workspace {
  const bytes = countBytes((empty) => gramInverseRoom(empty, numItems), runtime.threads);
  return runtime.open(bytes, 'DenseSession');
}

async function trainedState(
  train: Interactions,
  settings: DenseSettings,
  options: L3aeOptions,
): Promise<State> {
  const runtime = options.runtime ?? (await load());
  const turns = new Turns(options.signal);
  const workspace = openTable(runtime, train.numItems);
  try {
    const byUser = weightedCsr(train);
    const squares = squaredNorms(transpose(byUser));
    const p = await invertGram(workspace, byUser, squares, settings, turns);
    return { train, byUser, squares, workspace, p };
  } catch (error) {
    workspace.close();
    throw error;
  }
}

/** Items before and after on one numbering: those of before, then those that came. */
interface ItemSpace {
  readonly size: number;
  /** Place of each item of the next interactions. */
  readonly placeOf: Int32Array;
}

function itemSpace(train: Interactions, next: Interactions): ItemSpace {
  let size = train.numItems;
  const placeOf = Int32Array.from(next.itemIds, (id) => train.itemIndex(id) ?? size++);
  return { size, placeOf };
}

/** What each user's change adds to XᵀX and takes away. */
function userTerms(
  train: Interactions,
  byUser: Csr,
  next: Interactions,
  nextByUser: Csr,
  { placeOf }: ItemSpace,
): RankOneTerm[] {
  const terms: RankOneTerm[] = [];
  const before = (user: number) => rowOf(byUser, user, null);
  for (const [user, id] of next.userIds.entries()) {
    const now = rowOf(nextByUser, user, placeOf);
    const old = train.userIndex(id);
    const past = old === undefined ? null : before(old);
    if (past && sameRow(past, now)) continue;
    terms.push({ weight: 1, ...now });
    if (past) terms.push({ weight: -1, ...past });
  }
  for (const [user, id] of train.userIds.entries())
    if (next.userIndex(id) === undefined) terms.push({ weight: -1, ...before(user) });
  return terms;
}

function penaltyTerms(
  squares: Float64Array,
  nextSquares: Float64Array,
  { size, placeOf }: ItemSpace,
  penalty: number,
): RankOneTerm[] {
  if (penalty === 0) return [];
  const change = new Float64Array(size);
  for (const [item, square] of squares.entries()) change[item] -= square;
  for (const [item, square] of nextSquares.entries()) change[placeOf[item]] += square;
  return Array.from(change, (value, item) => ({ weight: penalty * value, indices: [item] })).filter(
    ({ weight }) => weight !== 0,
  );
}

function rowOf({ rowPtr, colIdx, values }: Csr, row: number, placeOf: Int32Array | null) {
  const order = Array.from(colIdx.subarray(rowPtr[row], rowPtr[row + 1]), (item, n) => ({
    item: placeOf ? placeOf[item] : item,
    value: values ? values[rowPtr[row] + n] : 1,
  })).sort((a, b) => a.item - b.item);
  return { indices: order.map(({ item }) => item), values: order.map(({ value }) => value) };
}

function sameRow(a: ReturnType<typeof rowOf>, b: ReturnType<typeof rowOf>): boolean {
  return (
    a.indices.length === b.indices.length &&
    a.indices.every((item, n) => item === b.indices[n] && a.values[n] === b.values[n])
  );
}

/** The inverse with items that have no interactions behind it, 1/λ on the diagonal. */
function growTable(workspace: Workspace, p: Matrix, items: number, size: number, settings: DenseSettings) {
  const grown = workspace.matrix(roundUp(size, 8), roundUp(size, 8));
  for (let i = 0; i < items; i++)
    grown.view.set(p.view.subarray(i * p.stride, i * p.stride + items), i * grown.stride);
  for (let i = items; i < grown.rows; i++)
    grown.view[i * (grown.stride + 1)] = i < size ? 1 / settings.regularization : 1;
  return { workspace, p: grown };
}

/** The rows and columns of the next interactions' items; items that went have none but the diagonal and drop out. */
function inOrder(
  workspace: Workspace,
  p: Matrix,
  { placeOf, size }: ItemSpace,
  next: Interactions,
  open: () => Workspace,
): { workspace: Workspace; p: Matrix } {
  if (size === next.numItems && placeOf.every((place, item) => place === item)) return { workspace, p };
  const other = open();
  const rows = roundUp(next.numItems, 8);
  const out = other.matrix(rows, rows);
  const [from, to] = [p.view, out.view];
  for (let i = 0; i < next.numItems; i++)
    for (let j = 0; j < next.numItems; j++) to[i * rows + j] = from[placeOf[i] * p.stride + placeOf[j]];
  for (let i = next.numItems; i < rows; i++) to[i * (rows + 1)] = 1;
  workspace.close();
  return { workspace: other, p: out };
}
