import { ShapeError, UnsupportedError } from '../errors.ts';
import { unitStride } from '../kernels/blocks.ts';
import { gemmNt, packPanels } from '../kernels/gemm.ts';
import { checkArgument, FLOAT32, having, RECORD, TEXT } from '../options/arguments.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained } from './argumentKinds.ts';
import { Ranker, type RankingLoad } from './ranker.ts';
import type { Adder, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';
import { SequenceEncoder } from './sequences/encoder.ts';
import { HistoryEncoder } from './sequences/historyEncoder.ts';
import { checkSequence } from './sequences/stored.ts';
import type { SequenceWeights } from './sequences/weights.ts';

/** Histories that are encoded at a time. */
const BATCH = 64;

/**
 * Rows of items, and what makes of an ordered history a row that scores them.
 *
 * @example
 * const trained = await train({ split }, { model: 'sasrec', dim: 8, epochs: 1 });
 * const tables: SequenceTables = (trained.scorer as SequenceScorer).tables;
 */
export interface SequenceTables {
  /** Dense numItems × dim. */
  readonly items: Float32Array;
  readonly weights: SequenceWeights;
}

const TABLES = having<SequenceTables>('tables { items, weights }', {
  ...{
    items: FLOAT32,
    weights: having<SequenceWeights>('{ dim, heads, blocks, maxLength, inner, tables }', { tables: RECORD }),
  },
});

/**
 * Scores what comes next after a history in order: inner products of the items' rows with a transformer's hidden state
 * behind the last item. Known users and strangers are one and the same to it.
 *
 * @example
 * const trained = await train({ split }, { model: 'sasrec', dim: 8, epochs: 1 });
 * trained.scorer instanceof SequenceScorer; // → true
 */
export class SequenceScorer implements Scorer {
  readonly kind = 'sequence';
  readonly readsOrder = true;
  readonly name: string;
  readonly numItems: number;
  readonly tables: SequenceTables;

  /**
   * Keeps the arrays that it is given: do not write to them.
   * @throws {OptionError} for arguments of another kind
   * @throws {ShapeError} unless items are whole rows as wide as the transformer
   * @throws {FormatError} when the transformer's tables do not fit its shape
   */
  constructor(name: string, tables: SequenceTables) {
    checkArgument(TEXT, name, 'name', 'SequenceScorer');
    checkArgument(TABLES, tables, 'tables', name);
    const { items, weights } = tables;
    checkSequence(weights, name);
    if (items.length % weights.dim !== 0) {
      const problem = `expected rows of ${weights.dim} for items, received ${items.length} numbers`;
      throw new ShapeError(name, problem, 'Pass the items and the transformer of one training');
    }
    this.name = name;
    this.numItems = items.length / weights.dim;
    this.tables = tables;
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer {
    const histories = this.#encoder(workspace);
    const { dim } = this.tables.weights;
    const ranker = new Ranker(workspace, this.numItems, dim, load, usualK);
    return {
      start() {
        histories.start();
        ranker.setItems(histories.items);
      },
      rank: (count, k, query, mask, visit) => {
        const rows = histories.encode(Array.from({ length: count }, (_, n) => query(n).history));
        ranker.rank(count, k, (n) => rows[n], mask, visit);
      },
    };
  }

  /** @internal */
  adder(workspace: Workspace, queries: number): Adder {
    const { items, start, encode } = this.#encoder(workspace);
    const panels = workspace.f32(roundUp(this.numItems, 8) * items.dim);
    const rows = workspace.matrix(roundUp(queries, 4), items.dim);
    return {
      start() {
        start();
        packPanels(workspace, items, panels);
      },
      add: (asked, factor, scores) => {
        const used = rows.slice(0, roundUp(asked.length, 4));
        used.view.fill(0);
        for (const [n, row] of encode(asked.map(({ history }) => history)).entries())
          used.view.set(
            row.map((value) => factor * value),
            n * rows.stride,
          );
        gemmNt(workspace, used, panels, this.numItems, scores, true);
      },
    };
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

  #encoder(workspace: Workspace): {
    items: Matrix;
    start: () => void;
    encode: (histories: ArrayLike<number>[]) => Float32Array[];
  } {
    const { items: values, weights } = this.tables;
    const items = workspace.matrix(this.numItems, weights.dim, unitStride(weights.dim));
    const transformer = new SequenceEncoder(workspace, weights);
    const encoder = HistoryEncoder.open(workspace, transformer, BATCH);
    return {
      items,
      start() {
        items.write(values);
        transformer.take(weights);
      },
      encode(histories) {
        const rows: Float32Array[] = [];
        encoder.encode(items, histories, (n, row) => {
          rows[n] = row.slice();
        });
        return rows;
      },
    };
  }
}
