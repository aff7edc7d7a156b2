import type { Tensor } from '../../format/tensor.ts';
import { copied, stringTensors } from './items.ts';
import type { UsersPart } from './parts.ts';
import { type ModelSource, readStrings } from './source.ts';

// - `user_ids`: a table of strings
// - `seen.row_ptr` I32 [numUsers + 1], `seen.col_idx` I32 [entries]: all that each person ever met, ascending
// - `seen.order` I32 [entries]: the place of each in its person's history, 0 for the oldest; beside a transformer
// - `seen.liked` U8 [⌈entries / 8⌉]: a bit for each entry that the person likes, left out when all are liked

/** The tensors of the people. */
export function userTensors({ ids, had, liked, order }: UsersPart): Record<string, Tensor> {
  return {
    ...stringTensors('user_ids', ids),
    ...(had && { 'seen.row_ptr': copied(had.rowPtr), 'seen.col_idx': copied(had.colIdx) }),
    ...(liked && { 'seen.liked': copied(liked) }),
    ...(order && { 'seen.order': copied(order) }),
  };
}

/** @throws {FormatError} when parts are missing or of another type */
export function readUsers(source: ModelSource): UsersPart {
  const had = source.has('seen.row_ptr')
    ? { rowPtr: source.tensor('seen.row_ptr', 'I32', 1), colIdx: source.tensor('seen.col_idx', 'I32', 1) }
    : null;
  return {
    ids: readStrings(source, 'user_ids'),
    had,
    liked: source.has('seen.liked') ? source.tensor('seen.liked', 'U8', 1) : null,
    order: source.has('seen.order') ? source.tensor('seen.order', 'I32', 1) : null,
  };
}
