import { joinTexts } from '../data/catalogue.ts';
import { cleanText, textTemplate } from '../embedders.ts';
import {
  type Catalogue,
  DataError,
  type ItemAttributes,
  isLlminitError,
  type LlminitError,
  readCatalogue,
} from '../index.ts';
import { openSource } from '../node.ts';
import type { CatalogueArguments } from './args/commandArguments.ts';
import { type FileReport, fileReport } from './dataset.ts';
import { STDIN, sourceOf } from './inputs.ts';

/** The catalogue and what was seen of its file. @throws as `readCatalogue`, with the options of `--items-…` */
export async function openCatalogue(
  args: CatalogueArguments,
  path: string,
  signal?: AbortSignal,
): Promise<{ catalogue: Catalogue; attributes: ItemAttributes; report: FileReport }> {
  const { itemsFormat: format, idColumn, textColumns, titleColumn, onBadLine, missingValues, keep } = args;
  const { itemsDelimiter: delimiter, itemsHeader: header, itemsEncoding: encoding } = args;
  const template = args.text === undefined ? null : textTemplate(args.text);
  const compose = (texts: readonly string[]) => (template?.compose ?? joinTexts)(texts.map(cleanText));
  const { name, source, member } = sourceOf(path);
  try {
    const { catalogue, attributes, report } = await readCatalogue(source, {
      ...{ name, member, format, delimiter, header, encoding, missingValues },
      ...{
        idColumn,
        textColumns: template?.columns ?? textColumns,
        titleColumn,
        onBadLine,
        signal,
        compose,
        keep,
      },
    });
    return { catalogue, attributes, report: fileReport(report) };
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

/** How many items have each value of `embedding_source`; null for a catalogue without that column. */
export async function countOrigins(
  args: CatalogueArguments,
  path: string,
  itemIds: readonly string[],
): Promise<Record<string, number> | null> {
  const name = 'embedding_source';
  if (path === STDIN) return null;
  let head = '';
  for await (const chunk of openSource(path)) {
    head = new TextDecoder().decode(chunk).split('\n', 1)[0];
    break;
  }
  if (!head.includes(name)) return null;
  const { catalogue } = await openCatalogue(
    { ...args, textColumns: [name], text: undefined, keep: undefined },
    path,
  );
  const counts: Record<string, number> = {};
  for (const origin of catalogue.aligned(itemIds).texts)
    counts[origin || 'unstated'] = (counts[origin || 'unstated'] ?? 0) + 1;
  return counts;
}
