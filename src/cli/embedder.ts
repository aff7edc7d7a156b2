import { basename, dirname } from 'node:path';
import {
  type Distinctness,
  describeEmbedder,
  type EmbedderSettings,
  type EmbedProgress,
  embedInBatches,
} from '../embedders.ts';
import {
  type Catalogue,
  combineEmbeddings,
  type Embeddings,
  type ItemAttributes,
  type ItemImages,
  type Runtime,
} from '../index.ts';
import { directoryCache, openSource, readBytes } from '../node.ts';
import { embedderNames, embedderWeights, isVectorsFile, readsItems } from './args/embedderArguments.ts';
import type { CatalogueOptions, VectorOptions } from './args/itemOptions.ts';
import { checkTexts, countOrigins, imagesOf, openCatalogue } from './catalogue.ts';
import { cachedCatalogue } from './catalogueCache.ts';
import type { FileReport } from './dataset.ts';
import { countRepeated, tellApart } from './distinctTexts.ts';
import { STDIN } from './paths.ts';
import type { Progress } from './progress.ts';

/** Some ids out of many. */
interface IdSample {
  readonly count: number;
  readonly first: readonly string[];
}

/** What is worth knowing about the vectors; `source` is null when none were needed. */
export interface EmbeddingReport {
  /** What was seen of the catalogue's file; null without one. */
  readonly catalogue: FileReport | null;
  readonly source: string | null;
  readonly width: number | null;
  /** Items of the model. */
  readonly items: number;
  readonly withVector: number;
  /** Items of the catalogue that are not in the model. */
  readonly catalogueOnly: number;
  /** Items of the model whose text is missing or blank; counted where texts are embedded. */
  readonly withoutText: IdSample;
  readonly withoutVector: IdSample;
  /** How well the vectors tell items apart; null without vectors. */
  readonly distinctness: Distinctness | null;
  /** Items by the value of the catalogue's column `--origin-column`, for vectors from a file; null where none is named. */
  readonly sources: Readonly<Record<string, number>> | null;
}

/** Vectors and titles of the items of a model. */
export interface ItemData {
  readonly embeddings: Embeddings | null;
  /** Those among them that make the vectors of new texts, for a model to keep; null where none do. */
  readonly lexical: Embeddings | null;
  /** By item id; null without a catalogue. */
  readonly titles: Catalogue | null;
  /** Values of the columns that a model keeps; null where none are asked for. */
  readonly attributes: ItemAttributes | null;
  readonly report: EmbeddingReport;
}

/** What vectors are made of. */
export interface ItemContent {
  /** By position; '' for none. */
  readonly texts: readonly string[];
  /** By item id; null without a column of images. */
  readonly images: ItemImages | null;
  /** Of the catalogue, if there is one. */
  readonly path: string | undefined;
}

/** What computing vectors needs besides the texts. */
export interface EmbedContext {
  readonly runtime: Runtime;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The titles of the items and, with `vectors`, their vectors.
 * @param vectors null where none are needed
 * @throws {DataError} when an item has no text, unless `--on-missing-text skip`; as the readers and embedders
 */
export async function itemData(
  itemIds: readonly string[],
  { path, ...reading }: CatalogueOptions,
  vectors: VectorOptions | null,
  context: EmbedContext,
): Promise<ItemData> {
  const opened = path === undefined ? null : await openCatalogue(path, reading, context.signal);
  const catalogue = opened?.catalogue;
  const known = catalogue ? itemIds.filter((id) => catalogue.index(id) !== undefined).length : 0;
  const aligned = catalogue?.aligned(itemIds);
  const column = vectors?.originColumn;
  const fromTexts = vectors !== null && readsItems(vectors, 'text');
  if (fromTexts && vectors?.onMissingText === 'error') checkTexts(path!, aligned!.missing, itemIds.length);
  const content = { texts: aligned?.texts ?? [], images: opened?.images ?? null, path };
  const parts = vectors ? await partsOf(vectors, itemIds, content, context) : [];
  const embeddings = vectors && sideBySide(parts, embedderWeights(vectors), itemIds);
  const apart = embeddings && (await tellApart(embeddings, context));
  const covered = new Set(embeddings?.ids);
  const without = embeddings ? itemIds.filter((id) => !covered.has(id)) : [];
  return {
    embeddings,
    lexical: parts.find(({ lexical }) => lexical !== null) ?? null,
    titles: catalogue ?? null,
    attributes: reading.reading.keep && opened ? opened.attributes : null,
    report: {
      catalogue: opened?.report ?? null,
      source: embeddings && sourceName(embeddings.source),
      width: embeddings?.width ?? null,
      items: itemIds.length,
      withVector: embeddings ? itemIds.length - without.length : 0,
      catalogueOnly: catalogue ? catalogue.length - known : 0,
      withoutText: sample(fromTexts ? aligned!.missing : []),
      withoutVector: sample(without),
      distinctness: apart,
      sources: column === undefined || !path ? null : await countOrigins(path, reading, column, itemIds),
    },
  };
}

/**
 * The vectors of the items from the embedders, side by side where there are several.
 * @throws as the embedders and `combineEmbeddings`
 */
export async function vectorsOf(
  vectors: VectorOptions,
  itemIds: readonly string[],
  content: ItemContent,
  context: EmbedContext,
): Promise<Embeddings> {
  const parts = await partsOf(vectors, itemIds, content, context);
  return sideBySide(parts, embedderWeights(vectors), itemIds);
}

/** The vectors from each embedder. */
async function partsOf(
  vectors: VectorOptions,
  itemIds: readonly string[],
  content: ItemContent,
  context: EmbedContext,
): Promise<Embeddings[]> {
  const repeated = readsItems(vectors, 'text') ? countRepeated(content.texts) : 0;
  if (repeated > 0)
    context.progress.line(`${repeated} of ${content.texts.length} texts are those of another item`);
  const parts: Embeddings[] = [];
  for (const name of embedderNames(vectors))
    parts.push(await embedItems(name, vectors, itemIds, content, context));
  return parts;
}

function sideBySide(
  parts: readonly Embeddings[],
  weights: readonly number[],
  itemIds: readonly string[],
): Embeddings {
  if (parts.length === 1) return parts[0];
  return combineEmbeddings(
    parts.map((part, n) => ({ embeddings: part, weight: weights[n] })),
    itemIds,
  );
}

/**
 * The vectors of the items that have one: those with a text, or those in the file.
 * @throws as the embedders
 */
async function embedItems(
  name: string,
  vectors: VectorOptions,
  itemIds: readonly string[],
  content: ItemContent,
  { runtime, progress, signal }: EmbedContext,
): Promise<Embeddings> {
  const kind = describeEmbedder(name, '--embedder');
  const onNotice = (line: string) => progress.line(line);
  const embedder = await kind.create(name, settingsOf(name, vectors, content.path), {
    runtime,
    readFile: readBytes,
    openFile: openSource,
    environment: process.env,
    onNotice,
  });
  const itemTexts =
    kind.reads === 'image'
      ? imagesOf(content.path ?? 'images', content.images, itemIds, vectors.settings.onBadImage)
      : content.texts;
  const present = itemIds.flatMap((_, n) => (kind.reads !== 'id' && itemTexts[n].trim() === '' ? [] : [n]));
  const ids = present.map((n) => itemIds[n]);
  const texts = present.map((n) => itemTexts[n] ?? '');
  const cache =
    kind.cacheable && vectors.cache !== undefined ? directoryCache(vectors.cache, { onNotice }) : undefined;
  let known = 0;
  const onProgress = ({ done, total, cached }: EmbedProgress) => {
    known = cached;
    progress.step('embedding', done, total, cached);
  };
  const embed = () => embedInBatches(texts, embedder, { ids, cache, signal, onProgress });
  try {
    if (!kind.ofCatalogue || vectors.cache === undefined) return await embed();
    const settings = vectors.settings;
    const content = { embedder: embedder.id, settings, ids, texts };
    return await cachedCatalogue(vectors.cache, content, onNotice, embed);
  } finally {
    progress.end();
    if (known > 0)
      progress.line(`${known} of ${texts.length} vectors (${embedder.id}) from the cache ${vectors.cache}`);
    const counts = Object.entries(embedder.counts ?? {}).filter(([, count]) => count > 0);
    if (counts.length > 0)
      progress.line(`${embedder.id}: ${counts.map(([what, count]) => `${count} ${what}`).join(', ')}`);
  }
}

/** The ids file belongs to the .npy file, where there is one; image files are beside the catalogue. */
function settingsOf(name: string, vectors: VectorOptions, path = STDIN): EmbedderSettings {
  const { settings } = vectors;
  const { imageFolder = path === STDIN ? undefined : dirname(path) } = settings;
  const isNpy = (file: string) => /\.npy$/i.test(file);
  const isForOther = !isNpy(name) && embedderNames(vectors).some(isNpy);
  return { ...settings, imageFolder, ...(isForOther && { embeddingIds: undefined }) };
}

/** Without the folder of a file, so that models do not carry paths of this machine. */
export function sourceName(source: string): string {
  const name = (part: string) => (isVectorsFile(part) ? basename(part) : part);
  return source.split(' + ').map(name).join(' + ');
}

function sample(ids: readonly string[]): IdSample {
  return { count: ids.length, first: ids.slice(0, 5) };
}
