import { codeVocabulary } from '../data/itemCodes.ts';
import { ShapeError, UnsupportedError } from '../errors.ts';
import { unitStride } from '../kernels/blocks.ts';
import { checkArgument, having, RECORD, TEXT } from '../options/arguments.ts';
import type { Matrix } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained } from './argumentKinds.ts';
import { CodeBeam } from './codes/beam.ts';
import { CodeTrie } from './codes/codeTrie.ts';
import type { RankingLoad } from './ranker.ts';
import { ScoreRanker } from './scoreRanker.ts';
import type { Adder, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';
import { SequenceEncoder } from './sequences/encoder.ts';
import { checkSequence } from './sequences/stored.ts';
import type { CodeWeights, SequenceWeights } from './sequences/weights.ts';

/** Users that are ranked by codes before other tasks get a turn. */
export const CODE_USERS = 32;

const WEIGHTS = having<SequenceWeights>('weights { dim, heads, blocks, maxLength, inner, tables, codes }', {
  ...{ tables: RECORD, codes: RECORD },
});

/**
 * Scores what comes next after a history in order by the probability of its codes, one code after the other (TIGER, Rajput
 * et al. 2023): log p(item) = Σ log p(code | history, codes before), where a code is one among those that an item has behind
 * the codes before it. Prefixes that one item has are exact; of those that several have, the `beams` most probable of each
 * length are followed, and the items of the others share their prefix's probability equally. So every item has a score,
 * e to the scores sums to 1, and rankings of any length and under any filter are of one order.
 *
 * @example
 * const trained = await train({ split, embeddings }, { model: 'tiger', dim: 8, epochs: 1 });
 * trained.scorer instanceof CodeScorer; // → true
 */
export class CodeScorer implements Scorer {
  readonly kind = 'sequence';
  readonly readsOrder = true;
  readonly usersPerTurn = CODE_USERS;
  readonly name: string;
  readonly numItems: number;
  readonly weights: SequenceWeights & { readonly codes: CodeWeights };
  readonly #trie: CodeTrie;

  /**
   * Keeps the arrays that it is given: do not write to them.
   * @throws {OptionError} for arguments of another kind
   * @throws {FormatError} when tables, tokens or codes do not fit the shape
   */
  constructor(name: string, weights: SequenceWeights) {
    checkArgument(TEXT, name, 'name', 'CodeScorer');
    checkArgument(WEIGHTS, weights, 'weights', name);
    checkSequence(weights, name);
    this.name = name;
    this.weights = weights as CodeScorer['weights'];
    const { columns, values } = this.weights.codes;
    this.numItems = values.length / columns;
    this.#trie = new CodeTrie(this.weights.codes);
  }

  /** Rows of items, numItems × dim: the sums of their codes' rows, by which items are alike. */
  get items(): Float32Array {
    return itemRowsOf(this.weights);
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer {
    return new ScoreRanker(workspace, this.numItems, load, usualK, () => this.adder(workspace));
  }

  /** @internal */
  adder(workspace: Workspace): Adder {
    const { beam, start } = openBeam(workspace, this.weights, this.#trie);
    return new CodeAdder(beam, this.numItems, start);
  }

  /** @throws {UnsupportedError} always: attention mixes the history, so that a score is no sum over its items */
  explain(query: Query, item: number): Contribution[] {
    checkExplained(this, query, item);
    throw new UnsupportedError(
      'explain',
      `expected a model whose scores are sums, received ${this.name}, which mixes the whole history`,
      'Compare rankings with and without an item of the history',
    );
  }
}

/** Adds the scores of a beam to a table. */
export class CodeAdder implements Adder {
  readonly #beam: CodeBeam;
  readonly #own: Float64Array;
  readonly #takeWeights: () => void;

  /** @param takeWeights fills what the beam reads, if that is not done yet */
  constructor(beam: CodeBeam, numItems: number, takeWeights: () => void = () => {}) {
    this.#beam = beam;
    this.#own = new Float64Array(numItems);
    this.#takeWeights = takeWeights;
  }

  start(): void {
    this.#takeWeights();
    this.#beam.pack();
  }

  add(queries: readonly Query[], factor: number, scores: Matrix): void {
    const own = this.#own;
    for (const [n, { history }] of queries.entries()) {
      this.#beam.score(history, own);
      const { view } = scores.row(n);
      for (let item = 0; item < own.length; item++) view[item] += Math.fround(factor * own[item]);
    }
  }
}

/**
 * A beam over the weights of a trained transformer, laid out in a workspace that may only count; `start` takes the weights,
 * and `pack` is to follow.
 * @throws {ShapeError} for a transformer without codes
 */
export function openBeam(
  workspace: Workspace,
  weights: SequenceWeights,
  trie: CodeTrie,
): { readonly beam: CodeBeam; readonly start: () => void } {
  const { codes, dim } = weights;
  if (!codes) throw new ShapeError('CodeScorer', 'expected codes, received none', 'Pass weights of tiger');
  const { tokens: rows } = codeVocabulary(codes);
  const tokens = workspace.matrix(rows, dim, unitStride(dim));
  const encoder = new SequenceEncoder(workspace, weights);
  const beams = Math.min(codes.beams, Math.max(1, trie.mostOpen));
  const beam = new CodeBeam(workspace, encoder, tokens, codes.columns, beams);
  const start = () => {
    tokens.write(codes.tokens);
    encoder.take(weights);
    beam.start(codes, trie);
  };
  return { beam, start };
}

/** Sums of the rows of each item's codes, numItems × dim. */
export function itemRowsOf({ dim, codes }: SequenceWeights): Float32Array<ArrayBuffer> {
  const { columns, values, tokens } = codes!;
  const { offsets } = codeVocabulary(codes!);
  const rows = new Float32Array((values.length / columns) * dim);
  for (const [at, code] of values.entries()) {
    const [to, from] = [Math.floor(at / columns) * dim, (offsets[at % columns] + code) * dim];
    for (let c = 0; c < dim; c++) rows[to + c] += tokens[from + c];
  }
  return rows;
}
