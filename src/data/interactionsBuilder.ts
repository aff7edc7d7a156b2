import { withoutTurns } from '../runtime/turns.ts';
import { type RowColumns, representatives } from './collapse.ts';
import { NO_RATING, type Verdict, weightsOf } from './feedback.ts';
import { GrowingColumn, OptionalColumn } from './growingColumn.ts';
import type { InteractionFields } from './interactions.ts';
import { compacted, picked } from './positions.ts';
import { type Numberings, numbering, pairsOf, renumbered } from './renumber.ts';
import { RowCollector } from './rowCollector.ts';

/** Collects interactions one at a time into growing columns, so that no row object outlives its call. */
export class InteractionsBuilder extends RowCollector {
  readonly #userColumn = new GrowingColumn(Int32Array);
  readonly #itemColumn = new GrowingColumn(Int32Array);
  readonly #valueColumn = new OptionalColumn(Float32Array);
  readonly #timeColumn = new OptionalColumn(Float64Array);

  protected keep(user: number, item: number, value: number, time: number): void {
    this.#userColumn.push(user);
    this.#itemColumn.push(item);
    this.#valueColumn.push(value);
    this.#timeColumn.push(time);
  }

  /** The columns of what is liked, of all that was met, and of what was rated low. The builder is empty afterwards. */
  finish(): InteractionFields {
    return withoutTurns(this.finishing());
  }

  /** As `finish`, in pieces of work: of ten million rows, each takes a part of a second. */
  *finishing(): Generator<void, InteractionFields> {
    const released: RowColumns = {
      users: this.#userColumn.release(),
      items: this.#itemColumn.release(),
      values: this.#valueColumn.release(),
      times: this.#timeColumn.release(),
    };
    const { kind, policy, weights, verdict, absent } = this.rules();
    const columns = absent === 0 ? released : withoutAbsent(released);
    yield;
    const kept = representatives(columns, this.users.size, this.items.size, policy);
    yield;
    const all = kept ? compactedColumns(columns, kept) : columns;
    const { liked, low } = sorted(all.values, verdict);
    yield;
    const tables = {
      users: numbering(this.users, all.users, liked, this.registered),
      items: numbering(this.items, all.items, liked),
    };
    yield;
    const weighed = liked && all.values ? picked(all.values, liked) : all.values;
    return {
      ...fieldsOf(all, liked, tables),
      weights: weighed && weightsOf(weighed, weights),
      duplicates: columns.users.length - all.users.length,
      belowRating: liked ? all.users.length - liked.length : 0,
      feedback: this.summary(kind),
      had: liked && pairsOf(all, tables),
      disliked: low && pairsOf({ users: picked(all.users, low), items: picked(all.items, low) }, tables),
    };
  }
}

/** The rows whose number does not stand for no rating. */
function withoutAbsent(columns: RowColumns): RowColumns {
  const values = columns.values!;
  const kept = new Int32Array(values.length);
  let count = 0;
  for (let n = 0; n < values.length; n++) if (values[n] !== NO_RATING) kept[count++] = n;
  return compactedColumns(columns, kept.subarray(0, count));
}

function compactedColumns({ users, items, values, times }: RowColumns, positions: Int32Array): RowColumns {
  return {
    users: compacted(users, positions),
    items: compacted(items, positions),
    values: compacted(values, positions),
    times: compacted(times, positions),
  };
}

/** The positions of what is liked, null for all of them, and of what is rated low, null for none. */
function sorted(
  values: Float32Array | null,
  rule: ((value: number) => Verdict) | null,
): { liked: Int32Array | null; low: Int32Array | null } {
  if (!values || !rule) return { liked: null, low: null };
  let likes = 0;
  let lows = 0;
  for (const value of values) {
    const verdict = rule(value);
    if (verdict === 'liked') likes++;
    if (verdict === 'low') lows++;
  }
  if (likes === values.length) return { liked: null, low: null };
  const liked = new Int32Array(likes);
  const low = new Int32Array(lows);
  for (let n = 0, atLiked = 0, atLow = 0; n < values.length; n++) {
    const verdict = rule(values[n]);
    if (verdict === 'liked') liked[atLiked++] = n;
    if (verdict === 'low') low[atLow++] = n;
  }
  return { liked, low: lows > 0 ? low : null };
}

/** The fields of the rows at `positions` (null: all), whose ids must stay in the tables. */
function fieldsOf(columns: RowColumns, positions: Int32Array | null, tables: Numberings): InteractionFields {
  const { users, items, values, times } = columns;
  const at = <T extends Int32Array | Float32Array | Float64Array | null>(column: T): T =>
    positions ? picked(column, positions) : column;
  return {
    userTable: tables.users.table,
    itemTable: tables.items.table,
    users: renumbered(at(users), tables.users),
    items: renumbered(at(items), tables.items),
    ratings: complete(at(values)),
    timestamps: complete(at(times)),
  };
}

/** The column if no number is missing, else null. */
function complete<T extends Float32Array | Float64Array | null>(column: T): T | null {
  if (column === null) return null;
  for (let n = 0; n < column.length; n++) if (Number.isNaN(column[n])) return null;
  return column;
}
