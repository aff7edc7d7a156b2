import { shown } from '../../errors.ts';
import type { FeedbackKind } from '../feedback.ts';
import type { RowCollector } from '../rowCollector.ts';
import { type Cell, cellText } from './cells.ts';
import { kindByName, plainName } from './columnNames.ts';
import { type EventColumn, eventColumn, hasDecimals } from './eventColumn.ts';
import { FeedbackColumn } from './feedbackColumn.ts';
import type { LineCounter } from './report.ts';
import type { Roles, Table } from './roles.ts';

/** What is known of the feedback beside the columns. */
export interface RowFeedbackOptions {
  /** whether a row without a number is bad */
  readonly isNeeded: boolean;
  /** whether the caller names the column of numbers */
  readonly isNamed: boolean;
  /** values of the feedback that are liked */
  readonly liked?: readonly string[];
}

/** Numbers that say how long, which are worth more than the event beside them. */
const DURATIONS = /hour|minute|second|time|duration|playtime|dwell|stay/;

/**
 * The number of a row: that of its column of feedback, or the weight of its event. Where a file has both, hours and the
 * like count, of the kinds of events that have them (Steam's `play` beside `purchase`); else the events do.
 */
export class RowFeedback {
  readonly #counter: LineCounter;
  readonly #options: RowFeedbackOptions;
  readonly #builder: RowCollector;
  readonly #ratingAt: number;
  readonly #eventAt: number;
  readonly #rating: FeedbackColumn | null = null;
  readonly #event: EventColumn | null = null;
  /** kinds of events whose numbers tell nothing, where numbers count */
  readonly #idle = new Set<number>();
  readonly #title: (index: number) => string;
  /** Columns that are feedback by their names and are not read. */
  readonly #others: readonly string[] = [];
  readonly kind: FeedbackKind | null;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  /** @throws {DataError} as `FeedbackColumn` */
  constructor(
    table: Table,
    { user, item, rating, timestamp, event, kind }: Roles,
    builder: RowCollector,
    counter: LineCounter,
    options: RowFeedbackOptions,
  ) {
    this.#counter = counter;
    this.#options = options;
    this.#builder = builder;
    this.#title = (index) => (table.hasHeader ? JSON.stringify(table.names[index]) : `column ${index + 1}`);
    const column = (index: number) => table.sample.map((row) => row[index]);
    if (event !== -1) this.#event = eventColumn(table.names[event], column(event));
    this.#eventAt = event;
    const readsNumbers = rating !== -1 && (event === -1 || this.#readsNumbers(table, rating, kind));
    this.#ratingAt = readsNumbers ? rating : -1;
    if (readsNumbers)
      this.#rating = new FeedbackColumn(column(rating), {
        ...{ file: table.name, title: this.#title(rating), liked: options.liked },
        ...{ decimalComma: table.decimalComma, isNeeded: options.isNeeded },
      });
    else if (rating !== -1)
      counter.note(`the numbers of ${this.#title(rating)} are not read beside events`, 'eventColumn');
    const used = [user, item, rating, timestamp, event];
    const isOther = (name: string, n: number) => !used.includes(n) && kindByName(name) !== null;
    if (table.hasHeader && rating !== -1 && !options.isNamed) this.#others = table.names.filter(isOther);
    this.kind = this.#rating ? (this.#rating.kind ?? kind) : this.#event ? 'event' : null;
  }

  /** The columns that are read, −1 for none. */
  get columns(): { readonly rating: number; readonly event: number } {
    return { rating: this.#ratingAt, event: this.#eventAt };
  }

  /** Whether a sign or a unit stands beside the numbers, as in "99 %". */
  get hasUnit(): boolean {
    return this.#rating?.hasUnit ?? false;
  }

  /** Whether the numbers are as a program writes them, so that bytes can be read. */
  get isPlain(): boolean {
    return this.#rating?.isPlain ?? true;
  }

  /** NaN for a row without a number; null if the row is bad for it. */
  read(cells: readonly Cell[], line: number): number | null {
    const value = this.#rating ? this.#number(cells[this.#ratingAt], line) : Number.NaN;
    if (!this.#event || value === null) return this.#seen(value);
    const kind = this.#event.read(cells[this.#eventAt]);
    if (kind !== null) return this.#seen(this.#weighed(this.#builder.events.index(kind), value));
    this.#counter.unread(line, 'there is no event', 'no event');
    return this.#seen(value);
  }

  /** The index of a kind of event that stands in a file as `text`. */
  eventIndex(text: string): number {
    const kind = this.#event!.read(text);
    return kind === null ? -1 : this.#builder.events.index(kind);
  }

  /** The number of a row whose number was read from bytes, and whose event has an index; −1 for none. */
  ofPlain(value: number, event: number): number {
    if (this.#rating) this.#rating.counted(1);
    return this.#seen(event === -1 ? value : this.#weighed(event, value)) as number;
  }

  /** What the columns were taken for. @throws {DataError} as `FeedbackColumn.assertReadable` */
  describe(): string[] {
    this.#rating?.assertReadable();
    for (const { text, option } of this.#rating?.notes(this.kind) ?? []) this.#counter.note(text, option);
    if (this.#others.length > 0) {
      const names = this.#others.map((name) => JSON.stringify(name)).join(', ');
      this.#counter.note(`${names} may hold feedback, too; one column is read`, 'ratingColumn');
    }
    const parts: string[] = [];
    const spelled = (words: string) => (words === '' ? '' : ` ${words},`);
    if (this.#event) parts.push(`events ${this.#title(this.#eventAt)} ${this.#event.description}`.trim());
    if (this.#rating)
      parts.push(
        `feedback ${this.#title(this.#ratingAt)}${spelled(this.#rating.description)} ${this.#range()}`,
      );
    return parts;
  }

  /** Whether numbers count beside events, and which kinds have none that tell anything. */
  #readsNumbers(table: Table, rating: number, kind: FeedbackKind | null): boolean {
    const { events } = this.#builder;
    const form = new FeedbackColumn([], {
      ...{ file: table.name, title: '', decimalComma: table.decimalComma, isNeeded: false },
    });
    const numbersOf = new Map<number, Set<number>>();
    for (const row of table.sample) {
      const event = this.#event!.read(row[this.#eventAt]);
      const value = form.read(row[rating]);
      if (event === null || value === null || Number.isNaN(value)) continue;
      const index = events.index(event);
      numbersOf.set(index, (numbersOf.get(index) ?? new Set()).add(value));
    }
    const areDurations =
      DURATIONS.test(plainName(table.names[rating])) || table.sample.some((row) => hasDecimals(row[rating]));
    const isRating = kind === 'rating' && table.hasHeader;
    const counts = this.#options.isNamed || isRating ? !events.areGiven || areDurations : areDurations;
    if (!counts) return false;
    for (const [index, values] of numbersOf) if (values.size === 1 && !isRating) this.#idle.add(index);
    return numbersOf.size > this.#idle.size;
  }

  #weighed(event: number, value: number): number {
    const weight = this.#builder.events.counted(event);
    if (!this.#rating) return weight;
    if (weight <= 0) return 0;
    return this.#idle.has(event) ? Number.NaN : value;
  }

  /** NaN for none; null if the row is bad for it. */
  #number(cell: Cell, line: number): number | null {
    const value = this.#rating!.read(cell);
    const { isNeeded } = this.#options;
    if (value === null) {
      if (!isNeeded) return Number.NaN;
      this.#counter.bad(line, 'there is no rating, and the threshold or the weights need one', 'no rating');
      return null;
    }
    if (!Number.isNaN(value)) return value;
    const reason = `the rating is ${shown(cellText(cell))}, expected a finite number`;
    if (isNeeded) this.#counter.bad(line, reason, 'unreadable rating');
    else this.#counter.unread(line, reason, 'unreadable rating');
    return isNeeded ? null : Number.NaN;
  }

  #seen(value: number | null): number | null {
    if (value === null) return null;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
    return value;
  }

  #range(): string {
    if (this.#least > this.#most) return 'without a number';
    return this.#least === this.#most ? `${this.#least}` : `${this.#least}–${this.#most}`;
  }
}
