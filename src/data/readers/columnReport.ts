import { isMissing } from './cells.ts';
import { columnsFor, isLastResort } from './columnNames.ts';
import type { LineCounter } from './report.ts';
import type { Roles, Table } from './roles.ts';

/** A column for messages: by its name, or by its number where it has none. */
export function columnLabel({ names, hasHeader }: Table, index: number): string {
  return hasHeader ? JSON.stringify(names[index]) : `column ${index + 1}`;
}

/** Notes what is doubtful about the columns: users and items that could be the other way round, a user by want of a better, several ratings, events that are not read. */
export function noteColumns(
  counter: LineCounter,
  table: Table,
  { user, item, doubtful, others, notEvents, isGuess }: Roles,
): void {
  if (isGuess) {
    const [users, items] = [columnLabel(table, user), columnLabel(table, item)];
    const text = `nothing tells users and items apart: ${users} is taken for users, since they mostly stand first, and ${items} for items`;
    counter.note(text, 'userColumn');
  }
  if (table.hasHeader && isLastResort('user', table.names[user]))
    counter.note(`each value of ${columnLabel(table, user)} counts as a user`, 'userColumn');
  const passedOver = table.hasHeader ? columnsFor('user', table.names)[0] : undefined;
  if (passedOver !== undefined && passedOver !== user && isSparse(table, passedOver))
    counter.note(`${columnLabel(table, passedOver)} is mostly empty, and is not read`, 'userColumn');
  const free = others.filter((index) => !doubtful.includes(index));
  if (free.length > 0) {
    const columns = free.slice(0, 10).map((index) => columnLabel(table, index));
    counter.note(
      `${columns.join(' and ')} may hold the items as well as ${columnLabel(table, item)}`,
      'itemColumn',
    );
  }
  if (doubtful.length > 0) {
    const columns = doubtful.slice(0, 10).map((index) => index + 1);
    counter.note(`columns ${columns.join(' and ')} may be the rating, and none is read`, 'ratingColumn');
  }
  for (const index of notEvents)
    counter.note(`${columnLabel(table, index)} may hold kinds of events, and is not read`, 'eventColumn');
}

function isSparse({ sample }: Table, index: number): boolean {
  return sample.filter((row) => isMissing(row[index])).length > 0.5 * sample.length;
}

/** Notes that most rows have no user, as in rows below a cell that is merged. */
export function noteBlankUsers(counter: LineCounter, label: string): void {
  const { dropped, lines } = counter.report;
  const blank = dropped.find(({ reason }) => reason === NO_USER)?.count ?? 0;
  if (blank <= 0.5 * lines) return;
  const text = `${blank} of ${lines} rows have nothing in ${label}; where it stands once above several rows, as merged cells of a spreadsheet do, fill it down before`;
  counter.note(text, 'userColumn');
}

/** Under which rows without a user are counted, see `readId`. */
const NO_USER = 'no user id';
