import { isNameOf } from './columnNames.ts';
import {
  type ColumnName,
  missingColumn,
  type NamedColumns,
  type Roles,
  rolesOf,
  type Table,
} from './roles.ts';

/** Columns that the caller names or cannot do without. */
export interface NeededColumns extends NamedColumns {
  /** columns without which a row cannot be used */
  readonly needs: ReadonlySet<'rating' | 'timestamp' | 'event'>;
  /** values of the feedback that are liked; all others are not */
  readonly liked?: readonly string[];
}

/** Before any column was found. */
export const NO_ROLES: Roles = {
  ...{ user: -1, item: -1, rating: -1, timestamp: -1, event: -1 },
  ...{ kind: null, timeParts: null, doubtful: [], notEvents: [], others: [], isGuess: false },
};

/** The roles of a table that has gained columns: those found before stay, ratings, times and events may join them. */
export function lateRoles(table: Table, known: Roles, columns: NeededColumns, isComplete: boolean): Roles {
  const { user, item, rating, timestamp, event, kind } = known;
  const found = rolesOf(table, { ...columns, userColumn: user + 1, itemColumn: item + 1 }, isComplete);
  const isNew = rating === -1;
  return {
    ...{ user, item, doubtful: [], others: [], isGuess: known.isGuess },
    rating: isNew ? found.rating : rating,
    kind: isNew ? found.kind : kind,
    timestamp: timestamp === -1 ? found.timestamp : timestamp,
    timeParts: timestamp === -1 ? found.timeParts : known.timeParts,
    ...(event === -1 ? { event: found.event, notEvents: found.notEvents } : { event, notEvents: [] }),
  };
}

/**
 * Whether a column that comes late may be the rating or the time, which no column is so far.
 *
 * @param index of the column, from 0
 */
export function isAwaited(name: string, index: number, known: Roles, columns: NeededColumns): boolean {
  const { rating, timestamp } = known;
  const fits = (role: 'rating' | 'timestamp', asked: ColumnName | null | undefined) =>
    asked === undefined ? isNameOf(role, name) : asked === name || Number(asked) === index + 1;
  const { ratingColumn, timestampColumn } = columns;
  return (
    (rating === -1 && fits('rating', ratingColumn)) ||
    (timestamp === -1 && fits('timestamp', timestampColumn))
  );
}

/** @throws {DataError} if a column is missing without which no row can be used */
export function assertNeeded(table: Table, roles: Roles, columns: NeededColumns): void {
  const { needs, liked, ratingColumn, timestampColumn } = columns;
  const { rating, timestamp, event } = roles;
  if (event === -1 && needs.has('event')) throw missingColumn(table, 'event');
  if (rating === -1 && (liked || (event === -1 && needs.has('rating'))))
    throw missingColumn(table, 'rating', ratingColumn ?? undefined);
  if (timestamp === -1 && needs.has('timestamp'))
    throw missingColumn(table, 'timestamp', timestampColumn ?? undefined);
}
