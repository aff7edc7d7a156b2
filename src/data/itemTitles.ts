import { DataError, OptionError, shown } from '../errors.ts';
import { instance } from '../options/builders.ts';
import type { Catalogue } from './catalogue.ts';

/**
 * Titles by item id: a catalogue, or a map from ids to titles.
 *
 * @example
 * const itemTitles: ItemTitles = new Map([['i1', 'Steel bottle']]);
 * const model = modelFrom(split, factors, { itemTitles });
 */
export type ItemTitles = Pick<Catalogue, 'ids' | 'aligned'> | ReadonlyMap<string, string>;

/** The option `itemTitles` of what makes a model. */
export const ITEM_TITLES = instance<ItemTitles>(
  'a Catalogue, or a Map from item ids to titles',
  (value) => isMap(value) || typeof (value as Partial<Catalogue>).aligned === 'function',
  { about: 'titles of the items by their ids' },
);

/**
 * The titles of items in their order; '' where an item has none, null where there are no titles at all.
 *
 * @throws {OptionError} for titles by position, or a title that is no text
 * @throws {DataError} when the titles are those of other items
 */
export function titlesOf(
  titles: ItemTitles | null | undefined,
  itemIds: readonly string[],
  where: string,
): readonly string[] | null {
  if (titles === null || titles === undefined) return null;
  ITEM_TITLES.check(titles, 'itemTitles', where);
  const known = isMap(titles) ? [...titles.keys()] : titles.ids;
  const ids = new Set(known);
  if (known.length > 0 && itemIds.length > 0 && !itemIds.some((id) => ids.has(id))) {
    const problem = `expected titles of the ${itemIds.length} items (${itemIds[0]} …), received those of ${known.length} other ids (${known[0]} …)`;
    throw new DataError(where, problem, 'Pass titles by the ids of the interactions', 'itemTitles');
  }
  if (!isMap(titles)) return titles.aligned(itemIds).titles;
  return itemIds.map((id) => {
    const title: unknown = titles.get(id) ?? '';
    if (typeof title === 'string') return title;
    const problem = `expected a title of item ${shown(id)}, received ${shown(title)}`;
    throw new OptionError(where, problem, 'Pass texts', 'itemTitles');
  });
}

function isMap(value: unknown): value is ReadonlyMap<string, string> {
  return Object.prototype.toString.call(value) === '[object Map]';
}
