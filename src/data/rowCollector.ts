import { shown } from '../errors.ts';
import { number, oneOf } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import { DUPLICATE_POLICIES, type DuplicatePolicy } from './collapse.ts';
import { EVENT_OPTIONS, EventKinds, type EventOptions } from './events.ts';
import {
  FEEDBACK_KINDS,
  FEEDBACK_WEIGHTS,
  type FeedbackKind,
  FeedbackStats,
  type FeedbackSummary,
  type FeedbackWeights,
  type Verdict,
  verdictRule,
} from './feedback.ts';
import { IdTable, isBlankId } from './idTable.ts';
import type { InteractionRow } from './interactions.ts';

/**
 * How rows become interactions.
 *
 * @example
 * const options: CollectOptions = { minRating: 4, duplicates: 'last' };
 * const liked = Interactions.from([{ user: 'a', item: 'x', rating: 5 }], options);
 */
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

/** What the options and the numbers of all rows say together. */
export interface RowRules {
  /** what the numbers mean; null without any */
  readonly kind: FeedbackKind | null;
  readonly policy: DuplicatePolicy;
  readonly weights: FeedbackWeights;
  /** Which numbers are liked; null where all are. */
  readonly verdict: ((value: number) => Verdict) | null;
  /** whether 0 and below say "not rated" */
  readonly hasUnrated: boolean;
  /** rows whose number is `NO_RATING` and stands for none, which are no interactions */
  readonly absent: number;
}

const POLICIES: Readonly<Record<FeedbackKind, DuplicatePolicy>> = {
  ...{ rating: 'last', label: 'last', count: 'sum', event: 'strongest' },
};

/** Takes rows one at a time: their ids get indices, their numbers are watched; a subclass keeps the rows. */
export abstract class RowCollector {
  readonly users = new IdTable();
  readonly items = new IdTable();
  /** of rows with an event */
  readonly events: EventKinds;
  /** users that stay, whether or not they like anything */
  protected readonly registered: number[] = [];
  readonly #options: CollectOptions;
  readonly #stats = new FeedbackStats();
  #hint: FeedbackKind | null = null;
  #length = 0;

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
    return this.#length;
  }

  /** Says what the numbers mean by the name of their column. */
  hint(kind: FeedbackKind): void {
    this.#hint ??= kind;
  }

  /** Says that 99 is a number like others, since a unit stands beside it. */
  keepNoRating(): void {
    this.#stats.keepNoRating();
  }

  /** Keeps a user of the table who may turn out to have no interaction. */
  registerUser(user: number): void {
    this.registered.push(user);
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
    this.#length++;
    this.keep(user, item, value, time);
  }

  protected abstract keep(user: number, item: number, value: number, time: number): void;

  /** What becomes of the rows, once all are there. @throws {DataError} as `EventKinds.assertFound` */
  protected rules(): RowRules {
    this.events.assertFound();
    const { minRating, feedback } = this.#options;
    const hint = feedback ?? this.#hint;
    const kind = this.#stats.isEmpty ? null : (feedback ?? this.#stats.kind(hint));
    // Without a threshold ratings of all heights are liked, and none needs a look.
    const isSorted = kind !== null && (kind !== 'rating' || minRating !== undefined);
    return {
      kind,
      policy: this.#options.duplicates ?? (kind === null ? 'first' : POLICIES[kind]),
      weights: this.#options.feedbackWeights ?? (kind === 'event' ? 'linear' : 'binary'),
      hasUnrated: this.#stats.hasUnrated,
      absent: this.#stats.absent(hint),
      verdict: isSorted ? verdictRule(kind, this.#stats.hasUnrated, minRating) : null,
    };
  }

  /** What is told of the numbers; null without any. */
  protected summary(kind: FeedbackKind | null): FeedbackSummary | null {
    return kind && this.#stats.summary(kind, this.#options.feedback ?? this.#hint, this.events.counts());
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
