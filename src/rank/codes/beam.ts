import { codeVocabulary, type ItemCodes, itemTokens } from '../../data/itemCodes.ts';
import { unitStride } from '../../kernels/blocks.ts';
import { gemmNt, packPanels } from '../../kernels/gemm.ts';
import type { F32Buffer, I32Buffer, Matrix } from '../../runtime/buffers.ts';
import { exponential, naturalLog } from '../../runtime/exponential.ts';
import { roundUp } from '../../runtime/roundUp.ts';
import type { Workspace } from '../../runtime/workspace.ts';
import { type Activations, type Capacity, capacityOf, openActivations } from '../sequences/activations.ts';
import type { SequenceEncoder } from '../sequences/encoder.ts';
import { headColumns, type SequenceShape, wideStride } from '../sequences/weights.ts';
import { BRANCHES, Branches } from './branches.ts';
import type { CodeTrie } from './codeTrie.ts';

/** A prefix that several items have. */
interface Open {
  /** Number among the prefixes of its length. */
  readonly node: number;
  readonly logProbability: number;
  /** Numbers among the branches of each depth before it. */
  readonly ancestors: readonly number[];
}

/**
 * Scores of all items behind an ordered history: log p(item) = Σ log p(code | history, codes before), where a code is one
 * among those that some item has behind the codes before it, so that the probabilities of all items sum to 1.
 *
 * A prefix that one item has needs no further look. Of those that several have, the `beams` most probable of each length are
 * followed (of equals the first); the items of the others share their prefix's probability equally. With as many beams as
 * there are prefixes every score is exact.
 */
export class CodeBeam {
  readonly #workspace: Workspace;
  readonly #encoder: SequenceEncoder;
  readonly #tokens: Matrix;
  #trie: CodeTrie | null = null;
  #itemTokens: Int32Array = new Int32Array(0);
  /** The tokens of each column's codes, from a multiple of 8 on: [first, end]. */
  #ranges: readonly (readonly [number, number])[] = [];
  readonly #columns: number;
  readonly #beams: number;
  readonly #branches: Branches;
  readonly #history: Activations;
  readonly #items: I32Buffer;
  readonly #positions: I32Buffer;
  readonly #starts: I32Buffer;
  readonly #places: I32Buffer;
  readonly #last: I32Buffer;
  readonly #mixed: Matrix;
  readonly #hidden: Matrix;
  readonly #logits: Matrix;
  readonly #panels: F32Buffer;

  /**
   * @param tokens rows of all tokens, as wide as hidden states
   * @param columns codes of an item
   * @param beams prefixes of one length that are followed: no more than several items have
   */
  constructor(
    workspace: Workspace,
    encoder: SequenceEncoder,
    tokens: Matrix,
    columns: number,
    beams: number,
  ) {
    const { shape } = encoder;
    const capacity = historyCapacity(shape);
    this.#workspace = workspace;
    this.#encoder = encoder;
    this.#tokens = tokens;
    this.#columns = columns;
    this.#beams = beams;
    this.#branches = new Branches(workspace, encoder, columns - 1, beams);
    this.#history = openActivations(workspace, shape, capacity, 'training');
    this.#items = workspace.i32(capacity.rows);
    this.#positions = workspace.i32(capacity.rows);
    this.#starts = workspace.i32(2);
    this.#places = workspace.i32(1);
    this.#last = workspace.i32(1);
    this.#mixed = workspace.matrix(4, headColumns(shape), wideStride(headColumns(shape)));
    this.#hidden = workspace.matrix(BRANCHES, shape.dim, unitStride(shape.dim));
    this.#logits = workspace.matrix(BRANCHES, tokens.rows, roundUp(tokens.rows, 8));
    this.#panels = workspace.f32(roundUp(tokens.rows, 8) * shape.dim);
  }

  /** Fills what was laid out, but for the rows of tokens: see `pack`. */
  start(codes: ItemCodes, trie: CodeTrie): void {
    this.#trie = trie;
    this.#itemTokens = itemTokens(codes);
    const { offsets, sizes } = codeVocabulary(codes);
    this.#ranges = offsets.map((offset, column) => [8 * Math.floor(offset / 8), offset + sizes[column]]);
    const positions = this.#positions.view;
    for (let row = 0; row < positions.length; row++) positions[row] = row;
  }

  /** Takes over rows of tokens that have changed. */
  pack(): void {
    packPanels(this.#workspace, this.#tokens, this.#panels);
  }

  /** @param history the numbers of its items, oldest first; of an empty one all items are alike @param scores [numItems] */
  score(history: ArrayLike<number>, scores: Float32Array | Float64Array): void {
    const { levels, numItems } = this.#trie!;
    if (history.length === 0) {
      scores.fill(-naturalLog(numItems));
      return;
    }
    this.#begin(history);
    const root = { node: 0, logProbability: 0, ancestors: [] };
    let open = this.#expand(0, root, [0, levels[0].count], 0, scores);
    for (let level = 0; open.length > 0; level++) {
      const kept = this.#keep(level, open, scores);
      open = [];
      for (let first = 0; first < kept.length; first += BRANCHES)
        open.push(...this.#extend(level, kept, first, scores));
    }
  }

  /** Reads a history; the logits of what comes behind it are those of row 0. */
  #begin(history: ArrayLike<number>): void {
    const columns = this.#columns;
    const most = (this.#encoder.shape.maxLength + 1) / columns - 1;
    const count = Math.min(most, history.length);
    const skipped = history.length - count;
    const rows = count * columns;
    const items = this.#items.view;
    for (let n = 0; n < count; n++) {
      const from = history[skipped + n] * columns;
      items.set(this.#itemTokens.subarray(from, from + columns), n * columns);
    }
    this.#starts.view.set([0, rows]);
    this.#last.view[0] = rows - 1;
    const buffers = { items: this.#items, positions: this.#positions, starts: this.#starts };
    const sequences = { ...buffers, places: this.#places, count: 1, rows, longest: rows };
    const given = [this.#last, this.#mixed, this.#hidden] as const;
    this.#encoder.last(this.#tokens, sequences, this.#history, ...given);
    this.#branches.begin(
      this.#history.blocks.map(({ qkv }) => qkv),
      rows,
    );
    this.#setLogits(1, 0);
  }

  /** The most probable prefixes; the items of the others get their share of theirs. */
  #keep(level: number, open: readonly Open[], scores: Float32Array | Float64Array): readonly Open[] {
    if (open.length <= this.#beams) return open;
    const { begin } = this.#trie!.levels[level];
    const order = [...open].sort((a, b) => b.logProbability - a.logProbability || a.node - b.node);
    for (const { node, logProbability } of order.slice(this.#beams)) {
      const share = logProbability - naturalLog(begin[node + 1] - begin[node]);
      for (let n = begin[node]; n < begin[node + 1]; n++) scores[this.#trie!.items[n]] = share;
    }
    return order.slice(0, this.#beams);
  }

  /** What comes behind some of the kept prefixes of a level. */
  #extend(level: number, kept: readonly Open[], first: number, scores: Float32Array | Float64Array): Open[] {
    const { tokens, children } = this.#trie!.levels[level];
    const some = kept.slice(first, first + BRANCHES);
    const branches = some.map(({ node, ancestors }) => ({ token: tokens[node], ancestors }));
    this.#branches.extend(this.#tokens, branches, first, this.#hidden);
    this.#setLogits(some.length, level + 1);
    return some.flatMap((parent, n) => {
      const own = { ...parent, ancestors: [...parent.ancestors, first + n] };
      const nodes = [children[parent.node], children[parent.node + 1]] as const;
      return this.#expand(level + 1, own, nodes, n, scores);
    });
  }

  /** The prefixes of a level that go on from a parent, whose logits stand in a row; those of one item are done. */
  #expand(
    level: number,
    parent: Open,
    [from, to]: readonly [number, number],
    row: number,
    scores: Float32Array | Float64Array,
  ): Open[] {
    const { tokens, begin } = this.#trie!.levels[level];
    const { view, stride } = this.#logits;
    const first = row * stride - this.#ranges[level][0];
    const logit = (node: number) => view[first + tokens[node]];
    let most = -Infinity;
    for (let node = from; node < to; node++) most = Math.max(most, logit(node));
    let sum = 0;
    for (let node = from; node < to; node++) sum += exponential(logit(node) - most);
    const base = parent.logProbability - most - naturalLog(sum);
    const open: Open[] = [];
    for (let node = from; node < to; node++) {
      const logProbability = base + logit(node);
      if (begin[node + 1] - begin[node] === 1) scores[this.#trie!.items[begin[node]]] = logProbability;
      else open.push({ node, logProbability, ancestors: parent.ancestors });
    }
    return open;
  }

  /** The logits of a column's codes behind the hidden states of some rows. */
  #setLogits(rows: number, column: number): void {
    const count = roundUp(rows, 4);
    const [hidden, logits] = [this.#hidden.slice(0, count), this.#logits.slice(0, count)];
    const [first, end] = this.#ranges[column];
    gemmNt(this.#workspace, hidden, this.#panels.from(first * hidden.dim), end - first, logits);
  }
}

function historyCapacity({ maxLength, heads }: SequenceShape): Capacity {
  return capacityOf([maxLength], heads);
}
