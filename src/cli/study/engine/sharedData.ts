import { Catalogue, type Embeddings, IdTable, Interactions, type Split } from '../../../index.ts';
import type { SplitOptions } from '../../args/dataOptions.ts';
import type { SplitSource } from '../../splitArguments.ts';

/**
 * Interactions on their way to other threads: ids, and columns in memory that all threads read, so that files are read
 * once. Interactions to split, or the parts of a split.
 */
export interface SharedSplits {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly parts: { readonly whole: SharedColumns; readonly options: SplitOptions } | SharedParts;
}

type SharedParts = Readonly<Record<'train' | 'valid' | 'test', SharedColumns>> & {
  readonly had?: SharedColumns;
  readonly disliked?: SharedColumns;
};

interface SharedColumns {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly ratings: Float32Array | null;
  readonly timestamps: Float64Array | null;
  readonly weights: Float32Array | null;
  readonly had: SharedColumns | null;
  readonly disliked: SharedColumns | null;
}

/** Vectors on their way to other threads, in memory that all of them read, so that texts are embedded once. */
export type SharedEmbeddings = Pick<Embeddings, 'ids' | 'width' | 'vectors' | 'source'>;

/** A catalogue on its way to other threads. */
export type SharedCatalogue = Pick<Catalogue, 'ids' | 'texts' | 'titles'>;

/** Copies columns to memory that threads share. */
export function sharedSplits(source: SplitSource): SharedSplits {
  const { userIds, itemIds } = 'whole' in source ? source.whole : source.train;
  const parts = 'whole' in source ? { ...source, whole: columns(source.whole) } : partsOf(source);
  return { userIds, itemIds, parts };
}

/** What `sharedSplits` was given. */
export function openSplits({ userIds, itemIds, parts }: SharedSplits): SplitSource {
  const tables = { userTable: IdTable.of(userIds), itemTable: IdTable.of(itemIds) };
  const opened = ({ had, disliked, ...own }: SharedColumns): Interactions =>
    new Interactions({
      ...{ ...tables, ...own },
      had: had && opened(had),
      disliked: disliked && opened(disliked),
    });
  if ('whole' in parts) return { ...parts, whole: opened(parts.whole) };
  const { train, valid, test, had, disliked } = parts;
  return {
    ...{ train: opened(train), valid: opened(valid), test: opened(test) },
    ...(had && { had: opened(had) }),
    ...(disliked && { disliked: opened(disliked) }),
  };
}

/** Copies vectors to memory that threads share; `new Embeddings` opens them. */
export function sharedEmbeddings({ ids, width, vectors, source }: Embeddings): SharedEmbeddings {
  return { ids, width, source, vectors: shared(vectors) };
}

/** What threads are told of a catalogue. */
export function sharedCatalogue({ ids, texts, titles }: Catalogue): SharedCatalogue {
  return { ids, texts, titles };
}

/** What `sharedCatalogue` was given. */
export function openCatalogue({ ids, texts, titles }: SharedCatalogue): Catalogue {
  return new Catalogue(ids, texts, titles);
}

function partsOf({ train, valid, test, had, disliked }: Split): SharedParts {
  return {
    ...{ train: columns(train), valid: columns(valid), test: columns(test) },
    ...(had && { had: columns(had) }),
    ...(disliked && { disliked: columns(disliked) }),
  };
}

function columns({ users, items, ratings, timestamps, weights, had, disliked }: Interactions): SharedColumns {
  return {
    ...{ users: shared(users), items: shared(items) },
    ratings: ratings && shared(ratings),
    timestamps: timestamps && shared(timestamps),
    weights: weights && shared(weights),
    had: had && columns(had),
    disliked: disliked && columns(disliked),
  };
}

/** A copy of a column in memory that `postMessage` does not copy. */
function shared<Column extends Int32Array | Float32Array | Float64Array>(column: Column): Column {
  const Kind = column.constructor as new (buffer: SharedArrayBuffer) => Column;
  const copy = new Kind(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}
