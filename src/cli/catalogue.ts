import { joinTexts } from '../data/catalogue.ts';
import { type BadImagePolicy, cleanText, textTemplate } from '../embedders.ts';
import {
  type Catalogue,
  DataError,
  type ItemAttributes,
  type ItemImages,
  isLlminitError,
  type LlminitError,
  readCatalogue,
} from '../index.ts';
import type { CatalogueOptions } from './args/itemOptions.ts';
import { type FileReport, fileReport } from './dataset.ts';
import { sourceOf } from './inputs.ts';
import { STDIN } from './paths.ts';

/** A catalogue with what its file holds besides. */
export interface OpenedCatalogue {
  readonly catalogue: Catalogue;
  readonly attributes: ItemAttributes;
  /** Null without a column of images. */
  readonly images: ItemImages | null;
  readonly report: FileReport;
}

/** The catalogue in a file and what was seen of it. @throws as `readCatalogue`, with the options of `--items-…` */
export async function openCatalogue(
  path: string,
  { reading, template: written }: Omit<CatalogueOptions, 'path'>,
  signal?: AbortSignal,
): Promise<OpenedCatalogue> {
  const template = written === undefined ? null : textTemplate(written);
  const compose = (texts: readonly string[]) => (template?.compose ?? joinTexts)(texts.map(cleanText));
  const { name, source, member } = sourceOf(path);
  try {
    const textColumns = template?.columns ?? reading.textColumns;
    const { catalogue, attributes, images, report } = await readCatalogue(source, {
      ...reading,
      ...{ name, member, textColumns, signal, compose },
    });
    return { catalogue, attributes, images, report: fileReport(report) };
  } catch (error) {
    throw isLlminitError(error) ? ofItems(error) : error;
  }
}

/** The error with the option that reads the catalogue, where interactions have one of the same name. */
function ofItems(error: LlminitError): LlminitError {
  if (!['format', 'delimiter', 'header', 'encoding'].includes(error.option ?? '')) return error;
  const option = `items${error.option![0].toUpperCase()}${error.option!.slice(1)}`;
  return Object.defineProperty(error, 'option', { value: option });
}

/** @throws {DataError} when texts are missing, naming the first items */
export function checkTexts(where: string, missing: readonly string[], total: number): void {
  if (missing.length === 0) return;
  const ids = `${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}`;
  const problem = `expected a text for each of ${total} items, received none for ${missing.length} of them (${ids})`;
  throw new DataError(
    where,
    problem,
    'Add their texts, or pass --on-missing-text skip to start them from xavier rows',
  );
}

/**
 * Where the image of each item is; '' for none, unless those are errors.
 * @throws {DataError} when the catalogue has no column of images, or items have none and `--on-bad-image` is no `skip`
 */
export function imagesOf(
  where: string,
  images: ItemImages | null,
  itemIds: readonly string[],
  onBadImage: BadImagePolicy = 'error',
): string[] {
  if (!images) {
    const problem = 'expected a column with images, found none by its name';
    throw new DataError(where, problem, 'Name it with --image-column', 'imageColumn');
  }
  const missing = itemIds.filter((id) => !images.has(id));
  if (missing.length > 0 && onBadImage === 'error') {
    const ids = `${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}`;
    const problem = `expected an image for each of ${itemIds.length} items, received none for ${missing.length} of them (${ids})`;
    throw new DataError(where, problem, 'Add them, or pass --on-bad-image skip');
  }
  return itemIds.map((id) => images.get(id) ?? '');
}

/** How many items have each value of a column. @throws {DataError} for a catalogue without that column */
export async function countOrigins(
  path: string,
  { reading }: CatalogueOptions,
  column: string,
  itemIds: readonly string[],
): Promise<Record<string, number> | null> {
  // What comes from a stream can be read once.
  if (path === STDIN) return null;
  const columns = { textColumns: [column], keep: undefined };
  const { catalogue } = await openCatalogue(path, { reading: { ...reading, ...columns } });
  const counts: Record<string, number> = {};
  for (const origin of catalogue.aligned(itemIds).texts)
    counts[origin || 'unstated'] = (counts[origin || 'unstated'] ?? 0) + 1;
  return counts;
}
