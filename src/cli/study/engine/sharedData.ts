import { Embeddings, IdTable, Interactions, type Split } from '../../../index.ts';
import type { SplitOptions } from '../../args/dataOptions.ts';
import { type SplitSource, splitsOf } from '../../splitArguments.ts';

/**
 * Interactions and vectors on their way to other threads: numbers in memory that all of them read, so that files are read
 * and texts embedded once.
 */
export interface SharedData {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** Interactions to split, or the parts of a split. */
  readonly parts: { readonly whole: SharedColumns; readonly options: SplitOptions } | SharedParts;
  readonly embeddings: SharedEmbeddings | null;
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

interface SharedEmbeddings {
  readonly ids: readonly string[];
  readonly width: number;
  readonly vectors: Float32Array;
  readonly source: string;
}

/** Copies data to memory that threads share. */
export function sharedData(source: SplitSource, embeddings: Embeddings | null): SharedData {
  const { userIds, itemIds } = 'whole' in source ? source.whole : source.train;
  return {
    ...{ userIds, itemIds },
    parts: 'whole' in source ? { ...source, whole: columns(source.whole) } : partsOf(source),
    embeddings: embeddings && {
      ...{ ids: embeddings.ids, width: embeddings.width, source: embeddings.source },
      vectors: shared(embeddings.vectors),
    },
  };
}

/** The data behind shared memory: splits by seed, and the vectors. */
export function openShared({ userIds, itemIds, parts, embeddings }: SharedData): {
  split(seed: number): Split;
  readonly embeddings: Embeddings | null;
} {
  const tables = { userTable: IdTable.of(userIds), itemTable: IdTable.of(itemIds) };
  const opened = ({ had, disliked, ...own }: SharedColumns): Interactions =>
    new Interactions({
      ...{ ...tables, ...own },
      had: had && opened(had),
      disliked: disliked && opened(disliked),
    });
  const source: SplitSource =
    'whole' in parts
      ? { ...parts, whole: opened(parts.whole) }
      : {
          ...{ train: opened(parts.train), valid: opened(parts.valid), test: opened(parts.test) },
          ...(parts.had && { had: opened(parts.had) }),
          ...(parts.disliked && { disliked: opened(parts.disliked) }),
        };
  return { split: splitsOf(source), embeddings: embeddings && new Embeddings(embeddings) };
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
