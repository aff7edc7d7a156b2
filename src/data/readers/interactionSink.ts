import { DataError, shown } from '../../errors.ts';
import type { RowCollector } from '../rowCollector.ts';
import type { Block } from './blocks.ts';
import { type Cell, isMissing } from './cells.ts';
import { isNameOf } from './columnNames.ts';
import { columnLabel, noteBlankUsers, noteColumns } from './columnReport.ts';
import { assertNeeded, isAwaited, lateRoles, type NeededColumns, NO_ROLES } from './foundRoles.ts';
import { areDecimalIds, IdColumn, type IdProblem, MISSING_IDS } from './ids.ts';
import { type ListReader, listReader } from './itemLists.ts';
import { PlainRows } from './plainRows.ts';
import type { LineCounter } from './report.ts';
import { type Roles, rolesOf, type Table } from './roles.ts';
import { RowFeedback } from './rowFeedback.ts';
import { RowTime } from './rowTime.ts';
import { presentColumns, type SlowLines, type TableSink } from './table.ts';
import type { DateOrder } from './times.ts';

/** How the cells of interactions are read. */
export interface SinkOptions extends NeededColumns {
  readonly missing?: ReadonlySet<string>;
  readonly dateOrder?: DateOrder;
  readonly itemSeparator?: string;
}

/** Fewer rows may have a user each by chance. */
const FEWEST_ROWS = 20;

/** Finds the columns of interactions and hands their cells to the builder. */
export class InteractionSink implements TableSink {
  readonly #builder: RowCollector;
  readonly #counter: LineCounter;
  readonly #options: SinkOptions;
  #table: Table | null = null;
  #roles: Roles = NO_ROLES;
  #users: IdColumn | null = null;
  #items: IdColumn | null = null;
  #times: RowTime | null = null;
  #feedback: RowFeedback | null = null;
  /** takes lists of items apart, where a cell holds several */
  #lists: ListReader | null = null;

  /** rows and users that were there before this file */
  readonly #before: { readonly rows: number; readonly users: number };

  constructor(builder: RowCollector, counter: LineCounter, options: SinkOptions) {
    this.#builder = builder;
    this.#before = { rows: builder.length, users: builder.users.size };
    this.#counter = counter;
    this.#options = options;
  }

  columns(table: Table, _types: readonly string[] | null, isComplete: boolean): void {
    const known = this.#roles;
    const isFirst = this.#table === null;
    this.#table = table;
    // Ids stay in the columns that were found first; ratings and times may come later.
    const roles = isFirst
      ? rolesOf(table, this.#options, isComplete)
      : lateRoles(table, known, this.#options, isComplete);
    this.#roles = roles;
    if (isFirst) {
      this.#users = this.#idColumn('user', roles.user);
      this.#items = this.#idColumn('item', roles.item);
      this.#lists = listReader({
        where: table.name,
        name: table.hasHeader ? table.names[roles.item] : null,
        sample: table.sample.map((row) => row[roles.item]),
        separator: this.#options.itemSeparator,
      });
    }
    if (roles.timestamp !== known.timestamp) this.#times = this.#rowTime(table, roles);
    if (roles.rating !== known.rating || roles.event !== known.event || isFirst)
      this.#feedback = this.#rowFeedback(table, roles);
    const kind = this.#feedback?.kind ?? null;
    if (kind !== null) this.#builder.hint(kind);
    if (this.#feedback?.hasUnit) this.#builder.keepNoRating();
    if (isComplete) assertNeeded(table, roles, this.#options);
  }

  awaits(name: string, index: number): boolean {
    return isAwaited(name, index, this.#roles, this.#options);
  }

  row(cells: readonly Cell[], line: number): void {
    const { user: userAt, item: itemAt } = this.#roles;
    if (this.#isHeader(cells[userAt], cells[itemAt])) {
      this.#counter.bad(line, 'the header stands here once more', 'the header again');
      return;
    }
    const user = this.#users!.read(cells[userAt]);
    if (typeof user !== 'number') {
      this.#badId(user, cells, line);
      return;
    }
    const list = this.#lists?.(cells[itemAt]);
    if (list === undefined) {
      this.#take(user, cells[itemAt], cells, line);
      return;
    }
    if (list.length === 0) this.#builder.registerUser(user);
    // Each item of a list is a row of its own.
    else this.#counter.report.lines += list.length - 1;
    for (const cell of list) this.#take(user, cell, cells, line);
  }

  #take(user: number, itemCell: Cell, cells: readonly Cell[], line: number): void {
    const { timestamp, timeParts } = this.#roles;
    const item = this.#items!.read(itemCell);
    if (typeof item !== 'number') {
      this.#badId(item, cells, line);
      return;
    }
    const value = this.#feedback!.read(cells, line);
    if (value === null) return;
    const time = this.#times
      ? this.#times.read(timeParts?.join(cells) ?? cells[timestamp], line)
      : Number.NaN;
    if (time === null) return;
    this.#builder.push(user, item, value, time);
  }

  user(cell: Cell, line: number): void {
    const user = this.#users!.read(cell);
    if (typeof user === 'number') this.#builder.registerUser(user);
    else this.#counter.bad(line, user.problem, user.kind);
  }

  wanted(): readonly number[] {
    return [...new Set(this.#columnsInUse())];
  }

  plain(delimiter: number, width: number, quoted: boolean, slow: SlowLines): ((block: Block) => void) | null {
    const roles = this.#roles;
    const isShared = this.wanted().length < this.#columnsInUse().length;
    const feedback = this.#feedback!;
    if (
      isShared ||
      this.#lists ||
      roles.timeParts ||
      !feedback.isPlain ||
      this.#users!.rules.hasDecimals ||
      this.#items!.rules.hasDecimals
    )
      return null;
    const { names, hasHeader } = this.#table!;
    const userHeader = hasHeader ? names[roles.user] : null;
    const rows = new PlainRows(
      { delimiter, width, quoted, roles: { ...roles, ...this.#feedback!.columns } },
      {
        userIndex: (id) => (id === userHeader ? -1 : this.#users!.plainIndex(id)),
        itemIndex: (id) => this.#items!.plainIndex(id),
        eventIndex: (text) => feedback.eventIndex(text),
        push: (user, item, value, time, event) =>
          this.#builder.push(user, item, feedback.ofPlain(value, event), time),
        seconds: (value) => this.#times!.ofNumber(value),
        counted: (lines) => {
          this.#counter.report.lines += lines;
        },
      },
      slow,
    );
    return (block) => rows.take(block);
  }

  /** What the columns were taken for; notes what was done to them. Called when all rows are read. */
  describe(): string {
    const { user, item, timestamp, timeParts } = this.#roles;
    const table = this.#table;
    if (!table) return '';
    const itemWords = `item ${columnLabel(table, item)}${this.#lists ? ', several a cell' : ''}`;
    const parts = [`user ${columnLabel(table, user)}`, itemWords, ...this.#feedback!.describe()];
    const times = (timeParts?.columns ?? [timestamp]).map((index) => columnLabel(table, index)).join(', ');
    if (this.#times) parts.push(`time ${times} ${this.#times.describe()}`);
    noteColumns(this.#counter, table, this.#roles);
    noteBlankUsers(this.#counter, columnLabel(table, user));
    if (!table.hasHeader && this.#options.userColumn === undefined) this.#assertUsersRepeat(table, user);
    for (const [role, column] of [
      ['user', this.#users],
      ['item', this.#items],
    ] as const)
      for (const note of column?.normalized.notes(role) ?? []) this.#counter.note(note);
    return parts.join(', ');
  }

  #rowFeedback(table: Table, roles: Roles): RowFeedback {
    const { liked, needs, ratingColumn } = this.#options;
    const isNeeded = needs.has('rating') && roles.event === -1;
    const options = { liked, isNeeded, isNamed: ratingColumn != null };
    return new RowFeedback(table, roles, this.#builder, this.#counter, options);
  }

  #rowTime(table: Table, { timestamp, timeParts }: Roles): RowTime {
    const { needs, dateOrder } = this.#options;
    const sample = table.sample.map((row) => timeParts?.join(row) ?? row[timestamp]);
    return new RowTime(sample, dateOrder, needs.has('timestamp'), this.#counter);
  }

  /** The column of each role that is read. */
  #columnsInUse(): number[] {
    const { user, item, timestamp, timeParts } = this.#roles;
    const { rating, event } = this.#feedback!.columns;
    const times = timeParts?.columns ?? [timestamp];
    return [user, item, rating, event, ...times].filter((index) => index >= 0);
  }

  /** @throws {DataError} if each value of a column without a name comes once, as the number of a row or a person's does */
  #assertUsersRepeat(table: Table, user: number): void {
    const rows = this.#builder.length - this.#before.rows;
    if (rows < FEWEST_ROWS || this.#builder.users.size - this.#before.users < rows) return;
    const problem = `each of the ${rows} values of ${columnLabel(table, user)} comes once, as in a table of people or items or numbers of rows`;
    const remedy = 'Name the columns of users and items by their numbers';
    throw new DataError(table.name, problem, remedy, 'userColumn');
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
}
