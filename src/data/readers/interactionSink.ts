import { shown } from '../../errors.ts';
import type { InteractionsBuilder } from '../interactionsBuilder.ts';
import type { Block } from './blocks.ts';
import { type Cell, cellText, isMissing } from './cells.ts';
import { isNameOf } from './columnNames.ts';
import { FeedbackColumn } from './feedbackColumn.ts';
import { areDecimalIds, IdColumn, type IdProblem, MISSING_IDS } from './ids.ts';
import { PlainRows } from './plainRows.ts';
import type { LineCounter } from './report.ts';
import {
  type ColumnName,
  missingColumn,
  type NamedColumns,
  type Roles,
  rolesOf,
  type Table,
} from './roles.ts';
import { presentColumns, type SlowLines, type TableSink } from './table.ts';
import { TimeColumn } from './timeColumn.ts';
import type { DateOrder } from './times.ts';

/** How the cells of interactions are read. */
export interface SinkOptions extends NamedColumns {
  /** columns without which a row cannot be used */
  readonly needs: ReadonlySet<'rating' | 'timestamp'>;
  readonly missing?: ReadonlySet<string>;
  readonly dateOrder?: DateOrder;
  /** values of the feedback that are liked; all others are not */
  readonly liked?: readonly string[];
}

/** Finds the columns of interactions and hands their cells to the builder. */
export class InteractionSink implements TableSink {
  readonly #builder: InteractionsBuilder;
  readonly #counter: LineCounter;
  readonly #options: SinkOptions;
  #table: Table | null = null;
  #roles: Roles = { user: -1, item: -1, rating: -1, timestamp: -1, kind: null, doubtful: [] };
  #users: IdColumn | null = null;
  #items: IdColumn | null = null;
  #times = new TimeColumn([]);
  #feedback: FeedbackColumn | null = null;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  constructor(builder: InteractionsBuilder, counter: LineCounter, options: SinkOptions) {
    this.#builder = builder;
    this.#counter = counter;
    this.#options = options;
  }

  columns(table: Table, _types: readonly string[] | null, isComplete: boolean): void {
    const known = this.#roles;
    const isFirst = this.#table === null;
    this.#table = table;
    // Ids stay in the columns that were found first; ratings and times may come later.
    const roles = isFirst ? rolesOf(table, this.#options, isComplete) : this.#lateRoles(table, isComplete);
    this.#roles = roles;
    if (isFirst) {
      this.#users = this.#idColumn('user', roles.user);
      this.#items = this.#idColumn('item', roles.item);
    }
    if (roles.timestamp !== known.timestamp) {
      const sample = table.sample.map((row) => row[roles.timestamp]);
      this.#times = new TimeColumn(sample, this.#options.dateOrder);
    }
    if (roles.rating !== known.rating) this.#feedback = this.#feedbackColumn(table, roles.rating);
    const kind = this.#feedback?.kind ?? roles.kind;
    if (kind !== null) this.#builder.hint(kind);
    if (isComplete) this.#assertNeeded(table);
  }

  awaits(name: string, index: number): boolean {
    const { rating, timestamp } = this.#roles;
    const fits = (role: 'rating' | 'timestamp', asked: ColumnName | null | undefined) =>
      asked === undefined ? isNameOf(role, name) : asked === name || Number(asked) === index + 1;
    const { ratingColumn, timestampColumn } = this.#options;
    return (
      (rating === -1 && fits('rating', ratingColumn)) ||
      (timestamp === -1 && fits('timestamp', timestampColumn))
    );
  }

  row(cells: readonly Cell[], line: number): void {
    const { user: userAt, item: itemAt, rating, timestamp } = this.#roles;
    if (this.#isHeader(cells[userAt], cells[itemAt])) {
      this.#counter.bad(line, 'the header stands here once more', 'the header again');
      return;
    }
    const user = this.#users!.read(cells[userAt]);
    if (typeof user !== 'number') {
      this.#badId(user, cells, line);
      return;
    }
    const item = this.#items!.read(cells[itemAt]);
    if (typeof item !== 'number') {
      this.#badId(item, cells, line);
      return;
    }
    const value = rating === -1 ? Number.NaN : this.#value(cells[rating], line);
    if (value === null) return;
    const time = timestamp === -1 ? Number.NaN : this.#time(cells[timestamp], line);
    if (time === null) return;
    this.#push(user, item, value, time);
  }

  user(cell: Cell, line: number): void {
    const user = this.#users!.read(cell);
    if (typeof user === 'number') this.#builder.registerUser(user);
    else this.#counter.bad(line, user.problem, user.kind);
  }

  wanted(): readonly number[] {
    const { user, item, rating, timestamp } = this.#roles;
    return [...new Set([user, item, rating, timestamp])].filter((index) => index >= 0);
  }

  plain(delimiter: number, width: number, quoted: boolean, slow: SlowLines): ((block: Block) => void) | null {
    const roles = this.#roles;
    const isShared = new Set(this.wanted()).size < this.#rolesInUse();
    const isPlain = this.#feedback?.isPlain ?? true;
    if (isShared || !isPlain || this.#users!.rules.hasDecimals || this.#items!.rules.hasDecimals) return null;
    const times = this.#times;
    const { names, hasHeader } = this.#table!;
    const userHeader = hasHeader ? names[roles.user] : null;
    const rows = new PlainRows(
      { delimiter, width, quoted, roles },
      {
        userIndex: (id) => (id === userHeader ? -1 : this.#users!.plainIndex(id)),
        itemIndex: (id) => this.#items!.plainIndex(id),
        push: (user, item, value, time) => {
          this.#feedback?.counted(1);
          this.#push(user, item, value, time);
        },
        seconds: (value) => times.ofNumber(value),
        counted: (lines) => {
          this.#counter.report.lines += lines;
        },
      },
      slow,
    );
    return (block) => rows.take(block);
  }

  /** What the columns were taken for, and notes on what was done to them; called when all rows are read. */
  describe(): string {
    const { user, item, rating, timestamp, doubtful } = this.#roles;
    const table = this.#table;
    if (!table) return '';
    const name = (index: number) =>
      table.hasHeader ? JSON.stringify(table.names[index]) : `column ${index + 1}`;
    const parts = [`user ${name(user)}`, `item ${name(item)}`];
    if (this.#feedback) {
      this.#feedback.assertReadable();
      const form = this.#feedback.description;
      parts.push(`feedback ${name(rating)}${form === '' ? '' : ` ${form},`} ${this.#range()}`);
    }
    if (timestamp !== -1) {
      const units = [...this.#times.units.keys()];
      parts.push(
        `time ${name(timestamp)}${units.length > 0 ? ` in ${units.join(' and ')}` : ' without a time'}`,
      );
    }
    if (doubtful.length > 0) {
      const columns = doubtful.map((index) => index + 1).join(' and ');
      this.#counter.note(`columns ${columns} may be the rating, and none is read`, 'ratingColumn');
    }
    this.#noteTimes();
    for (const [role, column] of [
      ['user', this.#users],
      ['item', this.#items],
    ] as const)
      for (const note of column?.normalized.notes(role) ?? []) this.#counter.note(note);
    return parts.join(', ');
  }

  #range(): string {
    if (this.#least > this.#most) return 'without a number';
    return this.#least === this.#most ? `${this.#least}` : `${this.#least}–${this.#most}`;
  }

  #feedbackColumn(table: Table, index: number): FeedbackColumn {
    const { liked } = this.#options;
    const title = table.hasHeader ? shown(table.names[index]) : `${index + 1}`;
    const sample = table.sample.map((row) => row[index]);
    return new FeedbackColumn(sample, {
      ...{ file: table.name, title, liked, isNeeded: this.#options.needs.has('rating') },
      decimalComma: table.decimalComma,
    });
  }

  #rolesInUse(): number {
    return Object.values(this.#roles).filter((index) => typeof index === 'number' && index >= 0).length;
  }

  #lateRoles(table: Table, isComplete: boolean): Roles {
    const { user, item, rating, timestamp, kind } = this.#roles;
    const found = rolesOf(
      table,
      { ...this.#options, userColumn: user + 1, itemColumn: item + 1 },
      isComplete,
    );
    const isNew = rating === -1;
    return {
      ...{ user, item, doubtful: [] },
      rating: isNew ? found.rating : rating,
      kind: isNew ? found.kind : kind,
      timestamp: timestamp === -1 ? found.timestamp : timestamp,
    };
  }

  #idColumn(role: 'user' | 'item', index: number): IdColumn {
    const missing = this.#options.missing ?? MISSING_IDS;
    const table = role === 'user' ? this.#builder.users : this.#builder.items;
    const sample = this.#table!.sample.map((row) => row[index]);
    return new IdColumn(table, {
      role,
      missing,
      stripsQuotes: true,
      hasDecimals: areDecimalIds(sample, missing),
    });
  }

  #assertNeeded(table: Table): void {
    const { needs, ratingColumn, timestampColumn } = this.#options;
    const { rating, timestamp } = this.#roles;
    if (rating === -1 && needs.has('rating')) throw missingColumn(table, 'rating', ratingColumn ?? undefined);
    if (timestamp === -1 && needs.has('timestamp'))
      throw missingColumn(table, 'timestamp', timestampColumn ?? undefined);
  }

  #isHeader(user: Cell, item: Cell): boolean {
    const { names, hasHeader } = this.#table!;
    return hasHeader && user === names[this.#roles.user] && item === names[this.#roles.item];
  }

  #badId({ problem, kind }: IdProblem, cells: readonly Cell[], line: number): void {
    const other = this.#otherIds(cells).map(shown).join(', ');
    this.#counter.bad(line, other === '' ? problem : `${problem}; the row has ${other}`, kind);
  }

  /** Columns of a row that could hold the id that its own column lacks. */
  #otherIds(cells: readonly Cell[]): string[] {
    const { user, item } = this.#roles;
    const role = isMissing(cells[user]) ? 'user' : 'item';
    if (!isMissing(cells[role === 'user' ? user : item])) return [];
    const { names } = this.#table!;
    return presentColumns(cells)
      .filter((n) => n !== user && n !== item && !isMissing(cells[n]) && isNameOf(role, names[n]))
      .map((n) => names[n]);
  }

  /** NaN for none; null if the row is bad for it. */
  #value(cell: Cell, line: number): number | null {
    const value = this.#feedback!.read(cell);
    const isNeeded = this.#options.needs.has('rating');
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

  /** NaN for none; null if the row is bad for it. */
  #time(cell: Cell, line: number): number | null {
    const time = this.#times.read(cell);
    if (typeof time === 'number') return time;
    const isNeeded = this.#options.needs.has('timestamp');
    if (time === null) {
      if (!isNeeded) return Number.NaN;
      this.#counter.bad(line, 'there is no timestamp, which an order by time needs', 'no timestamp');
      return null;
    }
    const reason = `the timestamp is ${shown(cellText(cell))}, ${time.problem}`;
    if (isNeeded) this.#counter.bad(line, reason, 'unreadable timestamp');
    else this.#counter.unread(line, reason, 'unreadable timestamp');
    return isNeeded ? null : Number.NaN;
  }

  #push(user: number, item: number, value: number, time: number): void {
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
    this.#builder.push(user, item, value, time);
  }

  #noteTimes(): void {
    const { units } = this.#times;
    if (units.size < 2) return;
    const counts = [...units].map(([unit, rows]) => `${rows} in ${unit}`).join(', ');
    this.#counter.note(`times are written in several ways (${counts}); all are read as seconds since 1970`);
  }
}
