// Files into interactions and a catalogue.
import {
  type Catalogue,
  type Interactions,
  type ItemAttributes,
  isLlminitError,
  type ReadReport,
  readCatalogue,
  readInteractions,
} from 'llminit';
import type { ChosenColumns, DataSummary, FilterColumn, InputFile } from '../messages.ts';

export interface LoadedData {
  readonly interactions: Interactions;
  readonly catalogue: Catalogue | null;
  /** Of the columns to filter by. */
  readonly attributes: ItemAttributes | null;
  readonly summary: DataSummary;
}

/** @throws {LlminitError} when no file holds interactions, with what is wrong with the likeliest */
export async function readData(files: readonly InputFile[], columns: ChosenColumns): Promise<LoadedData> {
  const lines: string[] = [];
  let interactions: Interactions | null = null;
  let catalogue: Catalogue | null = null;
  let attributes: ItemAttributes | null = null;
  let failure: unknown = null;
  for (const { name, bytes } of files) {
    const { userColumn, itemColumn, ratingColumn, minRating } = columns;
    try {
      const read = await readInteractions(bytes, {
        name,
        userColumn,
        itemColumn,
        ratingColumn,
        minRating,
        onBadLine: 'skip',
      });
      if (interactions === null) {
        interactions = read.interactions;
        lines.push(...described(read.report));
        continue;
      }
    } catch (error) {
      if (!isLlminitError(error)) throw error;
      failure ??= error;
    }
    const { idColumn, titleColumn, keep } = columns;
    const read = await readCatalogue(bytes, { name, idColumn, titleColumn, keep, onBadLine: 'skip' }).catch(
      (error: unknown) => {
        // A file that is neither is told about as what it more likely is.
        throw files.length > 1 && interactions ? error : (failure ?? error);
      },
    );
    catalogue = read.catalogue;
    attributes = keep && keep.length > 0 ? read.attributes : null;
    lines.push(...described(read.report));
  }
  if (interactions === null)
    throw failure ?? new Error('Drop a file with a column of users and one of items.');
  const filters = attributes === null ? [] : filtersOf(attributes);
  return { interactions, catalogue, attributes, summary: summaryOf(interactions, catalogue, lines, filters) };
}

function described({ name, layout, notes, dropped }: ReadReport): string[] {
  const losses = dropped.map(({ reason, count }) => `${count.toLocaleString()} lines left out: ${reason}`);
  return [`${name}: ${layout}`, ...losses, ...notes.map(({ text }) => text)];
}

function summaryOf(
  interactions: Interactions,
  catalogue: Catalogue | null,
  lines: readonly string[],
  filters: readonly FilterColumn[],
): DataSummary {
  const degrees = new Int32Array(interactions.itemIds.length);
  for (const item of interactions.items) degrees[item]++;
  return {
    lines,
    users: interactions.userIds.length,
    items: interactions.itemIds.length,
    interactions: interactions.items.length,
    degrees: Array.from(degrees).sort((a, b) => b - a),
    hasTexts: catalogue !== null,
    filters,
  };
}

/** More values than a list can offer are not offered. */
const OFFERED = 100;

function filtersOf(attributes: ItemAttributes): FilterColumn[] {
  const rows = Array.from(attributes.values());
  return Object.keys(rows[0] ?? {}).map((name) => {
    const values = rows.map((row) => row[name]);
    const numbers = values.filter((value) => typeof value === 'number');
    if (numbers.length > 0) return { name, texts: null, most: Math.max(...numbers) };
    const texts = Array.from(new Set(values.filter((value) => typeof value === 'string'))).sort();
    return { name, texts: texts.slice(0, OFFERED), most: null };
  });
}
