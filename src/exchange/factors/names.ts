import { FormatError } from '../../errors.ts';

/** What arrays of rows are called, in order of preference; `restore_…` are what RecBole's graph models rank by. */
const NAMES = {
  item: [
    'item_factors',
    'restore_item_e',
    'item_embedding.weight',
    'item_embeddings.weight',
    'item_embeddings',
    'item_embedding',
    'items',
  ],
  user: [
    'user_factors',
    'restore_user_e',
    'user_embedding.weight',
    'user_embeddings.weight',
    'user_embeddings',
    'user_embedding',
    'users',
  ],
} as const;

/**
 * Which arrays of a file hold the rows of items and users.
 * @param names of the matrices in the file
 * @throws {FormatError} for a file without rows of items
 */
export function namesIn(file: string, names: readonly string[]): { item: string; user: string | null } {
  const find = (known: readonly string[]) => known.find((name) => names.includes(name)) ?? null;
  const [item, user] = [find(NAMES.item), find(NAMES.user)];
  if (item !== null) return { item, user };
  const problem = `expected an array ${NAMES.item[0]} with the rows of items, received ${names.join(', ') || 'no matrix'}`;
  throw new FormatError(file, problem, `Save it as ${NAMES.item[0]}, and the users' as ${NAMES.user[0]}`);
}
