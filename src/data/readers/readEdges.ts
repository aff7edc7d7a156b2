import { DataError, shown } from '../../errors.ts';
import { checkArgument, TEXT } from '../../options/arguments.ts';
import type { SupposedEdge } from '../augmentSplit.ts';
import { type Cell, cellNumber, cellText } from './cells.ts';
import { namedFor, plainName } from './columnNames.ts';
import { HeldTable } from './heldTable.ts';
import { readTable } from './readTable.ts';
import { LineCounter } from './report.ts';
import type { Source } from './source.ts';

const SIGN_NAMES = ['sign', 'liked', 'label', 'polarity', 'preference'];
const WEIGHT_NAMES = ['weight', 'confidence', 'score', 'strength'];
const POSITIVE = ['1', '+1', '+', 'true', 'yes', 'liked', 'like', 'positive', 'pos'];
const NEGATIVE = ['-1', '−1', '-', '−', '0', 'false', 'no', 'disliked', 'dislike', 'negative', 'neg'];

/**
 * Supposed interactions from a table of any form that `readInteractions` reads: a column of users and one of items by their
 * usual names, a column `sign` (1 or −1, `liked` or `disliked`, true or false …; all are liked where there is none), and a
 * column `weight` (1 where there is none).
 *
 * @param name stands in messages
 * @throws {FormatError} for an empty file, and for one that is no table
 * @throws {DataError} without a column of users or items; for a blank id, and a sign or weight that is none, with its line
 * @example
 * const edges = await readEdges(openSource('edges.csv'), 'edges.csv');
 */
export async function readEdges(source: Source, name: string): Promise<SupposedEdge[]> {
  checkArgument(TEXT, name, 'name', 'readEdges');
  const table = new HeldTable();
  const hints = { named: [], roles: ['user', 'item'] as const };
  await readTable(source, {}, hints, table, new LineCounter(name));
  const { names } = table.head;
  const [user, item] = (['user', 'item'] as const).map((role) => namedFor(role, names));
  if (user < 0 || item < 0) {
    const found = names.map((column) => JSON.stringify(column)).join(', ');
    throw new DataError(name, `expected columns user and item, found ${found || 'none'}`, 'Name them so');
  }
  const columnOf = (known: readonly string[]) =>
    names.findIndex((column) => known.includes(plainName(column)));
  const [sign, weight] = [columnOf(SIGN_NAMES), columnOf(WEIGHT_NAMES)];
  return table.rows.map(({ cells, line }) => ({
    user: idIn(cells[user], 'user', `${name}:${line}`),
    item: idIn(cells[item], 'item', `${name}:${line}`),
    sign: sign < 0 ? 1 : signIn(cells[sign], `${name}:${line}`),
    weight: weight < 0 ? 1 : weightIn(cells[weight], `${name}:${line}`),
  }));
}

function idIn(cell: Cell, role: string, where: string): string {
  const id = cellText(cell).trim();
  if (id !== '') return id;
  throw new DataError(
    where,
    `expected ${role === 'user' ? 'a user' : 'an item'}, received a blank id`,
    'Add it',
  );
}

function signIn(cell: Cell, where: string): 1 | -1 {
  const word = cellText(cell).trim().toLowerCase();
  const number = cellNumber(word);
  if (POSITIVE.includes(word) || number === 1) return 1;
  if (NEGATIVE.includes(word) || number === -1 || number === 0) return -1;
  throw new DataError(where, `expected a sign, 1 or −1, received ${shown(word)}`, 'Correct the line');
}

function weightIn(cell: Cell, where: string): number {
  const text = cellText(cell).trim();
  const weight = text === '' ? 1 : cellNumber(text);
  if (weight !== null && Number.isFinite(weight) && weight > 0) return weight;
  throw new DataError(where, `expected a weight > 0, received ${shown(text)}`, 'Correct the line');
}
