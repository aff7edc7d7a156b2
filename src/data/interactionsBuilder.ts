import { shown } from '../errors.ts';
import { number, oneOf } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { DUPLICATE_POLICIES, type DuplicatePolicy, type RowColumns, representatives } from './collapse.ts';
import { EVENT_OPTIONS, EventKinds, type EventOptions } from './events.ts';
import {
  FEEDBACK_KINDS,
  FEEDBACK_WEIGHTS,
  type FeedbackKind,
  FeedbackStats,
  type FeedbackWeights,
  type Verdict,
  verdictRule,
  weightsOf,
} from './feedback.ts';
import { GrowingColumn, OptionalColumn } from './growingColumn.ts';
import { IdTable, isBlankId } from './idTable.ts';
import type { InteractionFields, InteractionRow } from './interactions.ts';
import { compacted, picked } from './positions.ts';
import { type Numberings, numbering, pairsOf, renumbered } from './renumber.ts';

/** How rows become interactions. */
export interface CollectOptions extends EventOptions {
  /** An interaction counts as liked from this number on; see `FeedbackKind` for what counts without it. */
  minRating?: number;
  /** Default: by the numbers, see `FeedbackStats.kind`. */
  feedback?: FeedbackKind;
  /** Default `binary`, of events `linear`. */
  feedbackWeights?: FeedbackWeights;
  /** Default: `last` for ratings and labels, `sum` for counts, `strongest` for events, `first` without numbers. */
  duplicates?: DuplicatePolicy;
}

/** Every option of collecting. */
export const COLLECT_OPTIONS: DescriptorsOf<CollectOptions> = {
  minRating: number({ about: 'liked from this number on' }),
  feedback: oneOf(FEEDBACK_KINDS, { about: 'what the numbers mean' }),
  feedbackWeights: oneOf(FEEDBACK_WEIGHTS, { about: 'how much an interaction counts by its number' }),
  duplicates: oneOf(DUPLICATE_POLICIES, { about: 'which row of a pair stands for all' }),
  ...EVENT_OPTIONS,
};

const POLICIES: Readonly<Record<FeedbackKind, DuplicatePolicy>> = {
  ...{ rating: 'last', label: 'last', count: 'sum', event: 'strongest' },
};

/** Collects interactions one at a time into growing columns, so that no row object outlives its call. */
export class InteractionsBuilder {
  readonly users = new IdTable();
  readonly items = new IdTable();
  /** of rows with an event */
  readonly events: EventKinds;
  readonly #options: CollectOptions;
  readonly #stats = new FeedbackStats();
  readonly #userColumn = new GrowingColumn((length) => new Int32Array(length));
  readonly #itemColumn = new GrowingColumn((length) => new Int32Array(length));
  readonly #valueColumn = new OptionalColumn((length) => new Float32Array(length));
  readonly #timeColumn = new OptionalColumn((length) => new Float64Array(length));
  /** users that stay, whether or not they like anything */
  readonly #registered: number[] = [];
  #hint: FeedbackKind | null = null;

  /**
   * @param options checked ones, see `COLLECT_OPTIONS`
   * @throws {OptionError} as `EventKinds`
   */
  constructor(options: CollectOptions = {}) {
    this.#options = options;
    this.events = new EventKinds(options);
  }

  /** Rows taken so far. */
  get length(): number {
    return this.#userColumn.length;
  }

  /** Says what the numbers mean by the name of their column. */
  hint(kind: FeedbackKind): void {
    this.#hint ??= kind;
  }

  /** Keeps a user of the table who may turn out to have no interaction. */
  registerUser(user: number): void {
    this.#registered.push(user);
  }

  /** Takes one row, or says what is wrong with it and takes nothing. */
  add(given: InteractionRow): string | null {
    // Nothing is read of what is no row: its id is then refused.
    const row: InteractionRow = given ?? {};
    const { user, item, rating, timestamp, event } = row;
    const problem = this.#problem(row) ?? this.#eventProblem(event, rating);
    if (problem) return problem;
    const value =
      event === undefined ? (rating ?? Number.NaN) : this.events.counted(this.events.index(event));
    this.#hint ??= event === undefined ? 'rating' : 'event';
    this.push(this.users.add(user), this.items.add(item), value, timestamp ?? Number.NaN);
    return null;
  }

  /** Takes one row whose ids are in the tables; NaN stands for no number and for no time. */
  push(user: number, item: number, value: number, time: number): void {
    if (!Number.isNaN(value)) this.#stats.add(value);
    this.#userColumn.push(user);
    this.#itemColumn.push(item);
    this.#valueColumn.push(value);
    this.#timeColumn.push(time);
  }

  /** The columns of what is liked, of all that was met, and of what was rated low. The builder is empty afterwards. */
  finish(): InteractionFields {
    const rows = this.length;
    const columns: RowColumns = {
      users: this.#userColumn.release(),
      items: this.#itemColumn.release(),
      values: this.#valueColumn.release(),
      times: this.#timeColumn.release(),
    };
    this.events.assertFound();
    const { minRating } = this.#options;
    const kind = columns.values && (this.#options.feedback ?? this.#stats.kind(this.#hint));
    const policy = this.#options.duplicates ?? (kind === null ? 'first' : POLICIES[kind]);
    const { feedbackWeights = kind === 'event' ? 'linear' : 'binary' } = this.#options;
    const kept = representatives(columns, this.users.size, this.items.size, policy);
    const all = kept ? compactedColumns(columns, kept) : columns;
    // Without a threshold ratings of all heights are liked, and none needs a look.
    const isSorted = kind !== null && (kind !== 'rating' || minRating !== undefined);
    const rule = isSorted ? verdictRule(kind, this.#stats.hasUnrated, minRating) : null;
    const { liked, low } = sorted(all.values, rule);
    const tables = {
      users: numbering(this.users, all.users, liked, this.#registered),
      items: numbering(this.items, all.items, liked),
    };
    const weighed = liked && all.values ? picked(all.values, liked) : all.values;
    return {
      ...fieldsOf(all, liked, tables),
      weights: weighed && weightsOf(weighed, feedbackWeights),
      duplicates: rows - all.users.length,
      belowRating: liked ? all.users.length - liked.length : 0,
      feedback: kind && this.#stats.summary(kind, this.events.counts()),
      had: liked && pairsOf(all, tables),
      disliked: low && pairsOf({ users: picked(all.users, low), items: picked(all.items, low) }, tables),
    };
  }

  #eventProblem(event: string | undefined, rating: number | undefined): string | null {
    if (event === undefined) return this.#hint === 'event' ? 'there is no event, as other rows have' : null;
    if (typeof event !== 'string' || event.trim() === '')
      return `the event is ${shown(event)}, expected a kind`;
    if (rating !== undefined) return 'there are an event and a rating, expected one of them';
    return this.#hint === 'rating' ? 'there is an event, and rows before it have none' : null;
  }

  #problem({ user, item, rating, timestamp, event }: InteractionRow): string | null {
    if (isBlankId(user)) return `the user id is ${shown(user)}, expected a non-blank string`;
    if (isBlankId(item)) return `the item id is ${shown(item)}, expected a non-blank string`;
    if (rating === undefined && event === undefined && this.#options.minRating !== undefined) {
      return 'there is no rating to hold against minRating';
    }
    if (rating !== undefined && (typeof rating !== 'number' || !Number.isFinite(Math.fround(rating)))) {
      return `the rating is ${shown(rating)}, expected a finite number`;
    }
    if (timestamp !== undefined && (typeof timestamp !== 'number' || !Number.isFinite(timestamp))) {
      return `the timestamp is ${shown(timestamp)}, expected a finite number`;
    }
    return null;
  }
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
