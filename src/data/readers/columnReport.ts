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
  { user, item, doubtful, notEvents, isGuess }: Roles,
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
