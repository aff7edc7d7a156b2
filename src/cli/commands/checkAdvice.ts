import type { Catalogue, Interactions } from '../../index.ts';
import { shellWord } from '../args/commandLine.ts';
import type { ReadingOptions } from '../args/dataOptions.ts';
import type { CatalogueOptions } from '../args/itemOptions.ts';
import type { FileReport } from '../dataset.ts';

/** What is odd about the data. */
export function warningsOf(
  interactions: Interactions,
  catalogue: Catalogue | null,
  files: readonly FileReport[],
): { readonly texts: readonly string[]; readonly hasBadLines: boolean } {
  const texts: string[] = [];
  const { numUsers, numItems, users, items, itemIds, length } = interactions;
  const bad = files.reduce((sum, { badLinesSkipped }) => sum + badLinesSkipped, 0);
  if (bad > 0)
    texts.push(`${bad} lines cannot be used; without --on-bad-line skip the first of them stops a run`);
  const single = numUsers - countOf(users, numUsers, 2);
  if (single > 0.5 * numUsers)
    texts.push(`${single} of ${numUsers} users have one interaction: nothing of theirs can be held out`);
  const rare = numItems - countOf(items, numItems, 2);
  if (rare > 0.5 * numItems)
    texts.push(`${rare} of ${numItems} items have one interaction: texts help most there`);
  if (length < (10 * Math.max(numUsers, numItems)) / 5)
    texts.push('there are few interactions for so many users and items');
  for (const [role, ids] of Object.entries({ user: interactions.userIds, item: itemIds })) {
    const known = new Set(ids);
    const pairs = ids.filter((id) => /^-?\d+\.0+$/.test(id) && known.has(id.slice(0, id.indexOf('.'))));
    const inOneCase = new Map(ids.map((id) => [id.toLowerCase(), id]));
    const twins = ids.filter((id) => inOneCase.get(id.toLowerCase()) !== id);
    if (twins.length > 0)
      texts.push(
        `${twins.length} ${role} ids differ from another in capitals only (${twins[0]}, ${inOneCase.get(twins[0].toLowerCase())}), and are two`,
      );
    if (pairs.length > 0)
      texts.push(
        `${pairs.length} ${role} ids stand as ${pairs[0]} and as ${pairs[0].split('.')[0]}, and are two`,
      );
  }
  if (catalogue) texts.push(...catalogueWarnings(itemIds, catalogue));
  return { texts, hasBadLines: bad > 0 };
}

/** How many keys stand at least `least` times. */
function countOf(column: Int32Array, keys: number, least: number): number {
  const counts = new Int32Array(keys);
  for (const key of column) counts[key]++;
  return counts.filter((count) => count >= least).length;
}

function catalogueWarnings(itemIds: readonly string[], catalogue: Catalogue): string[] {
  const { missing } = catalogue.aligned(itemIds);
  if (missing.length === 0) return [];
  const some = missing.slice(0, 3).join(', ');
  const own = catalogue.ids.slice(0, 3).join(', ');
  if (missing.length === itemIds.length)
    return [`no item has a text: the interactions name items such as ${some}, the catalogue ${own}`];
  return [
    `${missing.length} of ${itemIds.length} items have no text (${some} …): pass --on-missing-text skip, or add them`,
  ];
}

/** From this share of a scale on, a rating is taken for liking: 4 of 5, 7 of 10. */
const LIKED_SHARE = 0.7;

/** The command that `train` would be called with. */
export function suggestedCommand(
  paths: { readonly interactions: readonly string[]; readonly items: string | undefined },
  reading: ReadingOptions,
  items: CatalogueOptions['reading'],
  interactions: Interactions,
  hasBadLines: boolean,
): string {
  const { feedback, timestamps, users, numUsers } = interactions;
  const parts = ['llminit train', '--interactions', ...paths.interactions.map(shellWord)];
  if (paths.items !== undefined) parts.push('--items', shellWord(paths.items));
  const given: [flag: string, value: string | number | undefined][] = [
    ['--format', typeof reading.format === 'string' ? reading.format : undefined],
    ['--delimiter', reading.delimiter],
    ['--encoding', reading.encoding],
    ['--user-column', reading.userColumn],
    ['--item-column', reading.itemColumn],
    ['--item-separator', reading.itemSeparator],
    ['--rating-column', reading.ratingColumn === null ? 'none' : reading.ratingColumn],
    ['--timestamp-column', reading.timestampColumn === null ? 'none' : reading.timestampColumn],
    ['--items-encoding', items.encoding],
    ['--items-delimiter', items.delimiter],
    ['--id-column', items.idColumn],
    ['--min-rating', reading.minRating],
    ['--liked', reading.liked?.join(',')],
    ['--event-column', reading.eventColumn === null ? 'none' : reading.eventColumn],
    ['--events', reading.events?.join(',')],
    ['--event-weights', eventWeights(feedback)],
  ];
  for (const [flag, value] of given) if (value !== undefined) parts.push(flag, shellWord(`${value}`));
  const isScale = feedback?.kind === 'rating' && feedback.most > feedback.least && feedback.most <= 100;
  if (isScale && reading.minRating === undefined) {
    const threshold = Math.ceil(LIKED_SHARE * feedback.most);
    if (threshold <= feedback.most) parts.push('--min-rating', `${threshold}`);
  }
  if (countOf(users, numUsers, 2) === 0) parts.push('--split none');
  else if (timestamps) parts.push('--order time');
  if (hasBadLines) parts.push('--on-bad-line skip');
  return [...parts, '--out model.safetensors'].join(' ');
}

/** The kinds of events and their weights, where these say what is liked. */
function eventWeights(feedback: Interactions['feedback']): string | undefined {
  if (feedback?.kind !== 'event') return undefined;
  return feedback.events?.map(({ kind, weight }) => `${kind}=${weight}`).join(',');
}
