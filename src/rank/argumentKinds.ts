import { argument, checkArgument, FUNCTION, having, NUMBER, NUMBERS, TEXT } from '../options/arguments.ts';
import { integer } from '../options/builders.ts';
import type { Query, Scorer } from './scorer.ts';

/** Whatever has the members of a scorer. */
export const SCORER = having<Scorer>(
  'a scorer',
  { kind: TEXT, name: TEXT, numItems: NUMBER, open: FUNCTION, adder: FUNCTION },
  'Pass e.g. what itemKnn or ease gives',
);

/** For whom items are scored. */
export const QUERY = having<Query>('a query { user, history }', {
  user: argument('an index or null', (value) => value === null || Number.isSafeInteger(value)),
  history: NUMBERS,
});

/** @throws {OptionError} unless there is something to explain: a query, and one of the items */
export function checkExplained({ name, numItems }: Scorer, query: unknown, item: unknown): void {
  checkArgument(QUERY, query, 'query', `${name}, explain`);
  integer({ about: 'of the item', min: 0, max: numItems - 1 }).check(item, 'item', `${name}, explain`);
}
