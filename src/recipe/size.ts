import { type GraphSize, graphSize } from '../data/graph.ts';
import type { IdTable } from '../data/idTable.ts';
import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';
import type { TrainingData } from './trainingData.ts';
import { mostValidated } from './validationSample.ts';

/** What time and memory of a training depend on. */
export interface TrainingSize {
  readonly graph: GraphSize;
  /** Interactions that models are validated on. */
  readonly valid: number;
  /** Validation interactions that there are, where `valid` is a sample of them; default: these. */
  readonly heldOut?: number;
  /** Interactions that the result is tested on. */
  readonly test: number;
  /** Columns of the text vectors; null where there are none. */
  readonly width: number | null;
  /** Bytes that ids, interactions and vectors take, from the beginning to the end. */
  readonly dataBytes: number;
}

/** Width of the tables where none is given, for estimates. */
export const USUAL_DIM = 128;

/** Multiplications of ranking for one user, however few items there are. */
export const QUERY_WORK = 80_000;
/** What a multiplication of ranking by tables counts: codes of 8 bits rule most items out. */
export const TABLE_WORK = 0.25;

/** An id in a table: the text with its header, its place in the list and in the index of texts. */
const ID_BYTES = 56;
/** What making vectors of texts leaves: code, lists of terms, garbage. */
const TEXT_BYTES = 48 * 2 ** 20;
/** An item's text in the catalogue, on average. */
const TITLE_BYTES = 200;

/** The size of a training on these data. @param split the part of it that is trained and validated on */
export function trainingSize(data: TrainingData, split: Split): TrainingSize {
  const { embeddings, itemTitles } = data;
  const { train, valid, test, had, disliked } = data.split;
  const columns = [train, valid, test, had, disliked].reduce((sum, part) => sum + columnBytes(part), 0);
  const vectors = embeddings ? embeddings.vectors.byteLength : 0;
  const titles = itemTitles ? TITLE_BYTES * train.numItems : 0;
  const texts = embeddings && itemTitles ? TEXT_BYTES : 0;
  return {
    graph: graphSize(train),
    valid: split.valid.length,
    heldOut: valid.length,
    test: test.length,
    width: embeddings?.width ?? null,
    dataBytes: idBytes(train.userTable) + idBytes(train.itemTable) + columns + vectors + titles + texts,
  };
}

/**
 * The size that a training on these interactions will have by default: a leave-one-out split, validated on a sample.
 * @param width columns of the vectors that will be made of texts; null for none
 */
export function expectedSize(interactions: Interactions, width: number | null): TrainingSize {
  const { numUsers, numItems, userTable, itemTable } = interactions;
  const vectors = width === null ? 0 : 4 * width * numItems + TITLE_BYTES * numItems + TEXT_BYTES;
  return {
    graph: graphSize(interactions),
    valid: Math.min(numUsers, mostValidated(numItems)),
    heldOut: numUsers,
    test: numUsers,
    width,
    // The interactions as they were read, and the parts of the split.
    dataBytes: idBytes(userTable) + idBytes(itemTable) + 2 * columnBytes(interactions) + vectors,
  };
}

/** Bytes of the columns of some interactions. */
export function columnBytes(part: Interactions | undefined): number {
  if (!part) return 0;
  const { users, items, ratings, timestamps, weights, had, disliked } = part;
  const own = [users, items, ratings, timestamps, weights].reduce(
    (sum, column) => sum + (column?.byteLength ?? 0),
    0,
  );
  return own + columnBytes(had ?? undefined) + columnBytes(disliked ?? undefined);
}

/** Bytes of a table of ids; those of one text are taken from the first thousand. */
export function idBytes({ ids, size }: IdTable): number {
  const some = ids.slice(0, 1000);
  const characters = some.reduce((sum, id) => sum + id.length, 0) / Math.max(1, some.length);
  return Math.round(size * (ID_BYTES + characters));
}
