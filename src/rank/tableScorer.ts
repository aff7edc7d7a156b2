import { DataError, ShapeError } from '../errors.ts';
import { firstNonFinite } from '../format/finite.ts';
import { gemmNt, packPanels } from '../kernels/gemm.ts';
import { checkArgument, FLOAT32, having, maybe, NUMBER, TEXT } from '../options/arguments.ts';
import type { Matrix } from '../runtime/buffers.ts';
import { roundUp } from '../runtime/roundUp.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { checkExplained, QUERY } from './argumentKinds.ts';
import { Ranker, type RankingLoad } from './ranker.ts';
import type { Adder, Contribution, OpenScorer, Query, Scorer } from './scorer.ts';

/** Rows that are packed at a time, a multiple of 8. */
const PACKED_ROWS = 512;

/**
 * Final rows of users and items, dense, numUsers × dim and numItems × dim.
 *
 * @example
 * const tables: FactorTables = { users: null, items: factors.items, dim: factors.dim };
 * const scorer = new TableScorer('mine', tables);
 */
export interface FactorTables {
  /** null where all are strangers. */
  readonly users: Float32Array | null;
  readonly items: Float32Array;
  readonly dim: number;
}

const TABLES = having<FactorTables>('tables { users, items, dim }', {
  ...{ users: maybe(FLOAT32), items: FLOAT32, dim: NUMBER },
});

/**
 * Inner products of rows of users and items. Whoever has no row gets the mean of the rows of the history's items
 * (LLMInit, Eq. 1, applied to Z; sums in float64 in the history's order), zeros without a history.
 *
 * @example
 * const scorer = new TableScorer('mine', factors);
 * const { means } = await evaluateScorer(scorer, split, { runtime });
 */
export class TableScorer implements Scorer {
  readonly kind = 'factors';
  readonly name: string;
  readonly numItems: number;
  readonly tables: FactorTables;

  /**
   * Keeps the arrays that it is given: do not write to them.
   * @throws {OptionError} for arguments of another kind
   * @throws {ShapeError} when the tables are not made of whole rows
   * @throws {DataError} on NaN or Inf
   */
  constructor(name: string, tables: FactorTables) {
    checkArgument(TEXT, name, 'name', 'TableScorer');
    checkArgument(TABLES, tables, 'tables', name);
    const { users, items, dim } = tables;
    checkTable(name, 'items', items, dim);
    if (users) checkTable(name, 'users', users, dim);
    this.name = name;
    this.numItems = items.length / dim;
    this.tables = tables;
  }

  /** @internal */
  open(workspace: Workspace, load: RankingLoad, usualK: number): OpenScorer {
    const { items, dim } = this.tables;
    const ranker = new Ranker(workspace, this.numItems, dim, load, usualK);
    const table = workspace.matrix(this.numItems, dim);
    return {
      start() {
        table.write(items);
        ranker.setItems(table);
      },
      rank: (count, k, query, mask, visit) => ranker.rank(count, k, (n) => this.rowOf(query(n)), mask, visit),
    };
  }

  /** @internal */
  adder(workspace: Workspace, queries: number): Adder {
    const { items, dim } = this.tables;
    const { numItems } = this;
    const panels = workspace.f32(roundUp(numItems, 8) * dim);
    const rows = workspace.matrix(roundUp(queries, 4), dim);
    const chunk = workspace.matrix(Math.min(numItems, PACKED_ROWS), dim);
    return {
      start() {
        for (let first = 0; first < numItems; first += PACKED_ROWS) {
          const part = chunk.slice(0, Math.min(PACKED_ROWS, numItems - first));
          part.write(items.subarray(first * dim, (first + part.rows) * dim));
          packPanels(workspace, part, panels.from(first * dim));
        }
      },
      add: (asked, factor, scores) => {
        const used = rows.slice(0, roundUp(asked.length, 4));
        used.view.fill(0);
        for (const [n, query] of asked.entries()) writeScaled(used, n, this.rowOf(query), factor);
        gemmNt(workspace, used, panels, numItems, scores, true);
      },
    };
  }

  /** A known user's score is one number; a stranger's is the mean over the history of products of two items' rows. */
  explain(query: Query, item: number): Contribution[] {
    checkExplained(this, query, item);
    const { users, items, dim } = this.tables;
    const target = items.subarray(item * dim, (item + 1) * dim);
    const product = (row: Float32Array) => row.reduce((sum, value, c) => sum + value * target[c], 0);
    if (users && query.user !== null)
      return [{ from: this.name, item: null, score: product(this.rowOf(query)) }];
    return Array.from(query.history, (from) => ({
      from: this.name,
      item: from,
      score: product(items.subarray(from * dim, (from + 1) * dim)) / query.history.length,
    })).filter(({ score }) => score !== 0);
  }

  /** The row of a query, length dim. @throws {OptionError} for no query */
  rowOf(query: Query): Float32Array {
    if (!query?.history) checkArgument(QUERY, query, 'query', `${this.name}, rowOf`);
    const { user, history } = query;
    const { users, items, dim } = this.tables;
    if (users && user !== null) return users.subarray(user * dim, (user + 1) * dim);
    const sum = new Float64Array(dim);
    for (let n = 0; n < history.length; n++) {
      for (let c = 0; c < dim; c++) sum[c] += items[history[n] * dim + c];
    }
    return Float32Array.from(sum, (value) => value / Math.max(1, history.length));
  }
}

function writeScaled({ view, stride }: Matrix, row: number, values: Float32Array, factor: number): void {
  for (const [c, value] of values.entries()) view[row * stride + c] = factor * value;
}

function checkTable(where: string, what: string, table: Float32Array, dim: number): void {
  if (!Number.isSafeInteger(dim) || dim < 1 || table.length % dim !== 0) {
    const problem = `expected whole rows of dim ≥ 1 for ${what}, received ${table.length} numbers and dim ${dim}`;
    throw new ShapeError(where, problem, 'Pass dense rows');
  }
  const at = firstNonFinite(table);
  if (at < 0) return;
  throw new DataError(
    where,
    `expected finite factors, received ${table[at]} in row ${Math.floor(at / dim)} of the ${what} factors`,
    'The training diverged: lower the learning rate or the scale of the initial rows',
  );
}
