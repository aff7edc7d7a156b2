import { DataError, shown } from '../errors.ts';

/** Examples that a message gives. */
const EXAMPLES = 3;

/**
 * Makes sure that rows belong to the ids that they are to be taken for.
 *
 * @param where the file with the rows
 * @param kind `user` or `item`
 * @throws {DataError} when there are more or fewer ids, the same in another order, or others, with three examples
 */
export function checkSameIds(
  where: string,
  kind: 'user' | 'item',
  expected: readonly string[],
  received: readonly string[],
): void {
  const places = [];
  const length = Math.min(expected.length, received.length);
  for (let n = 0; n < length && places.length < EXAMPLES; n++)
    if (expected[n] !== received[n]) places.push(n);
  if (places.length === 0 && expected.length === received.length) return;
  const remedy = 'Bring the rows of the job that these ids belong to';
  throw new DataError(where, problemOf(kind, expected, received, places), remedy);
}

function problemOf(
  kind: string,
  expected: readonly string[],
  received: readonly string[],
  places: readonly number[],
): string {
  if (expected.length !== received.length) {
    const [missing, added] = [without(expected, received), without(received, expected)];
    const parts = [
      missing.length > 0 ? `missing ${listed(missing)}` : '',
      added.length > 0 ? `not expected ${listed(added)}` : '',
    ].filter((part) => part !== '');
    const which = parts.length > 0 ? ` (${parts.join('; ')})` : '';
    return `expected ${expected.length} ${kind} ids, received ${received.length}${which}`;
  }
  const examples = places.map((n) => `${shown(expected[n])} in row ${n}, received ${shown(received[n])}`);
  const isReordered = without(received, expected).length === 0;
  const what = isReordered ? `the ${kind} ids in the same order` : `the same ${kind} ids`;
  return `expected ${what}: ${examples.join('; ')}`;
}

function without(ids: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return ids.filter((id) => !known.has(id));
}

function listed(ids: readonly string[]): string {
  const more = ids.length > EXAMPLES ? ` and ${ids.length - EXAMPLES} more` : '';
  return `${ids.slice(0, EXAMPLES).map(shown).join(', ')}${more}`;
}
