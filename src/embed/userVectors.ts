import { checkIsInteractions } from '../data/argumentKinds.ts';
import type { Interactions } from '../data/interactions.ts';
import { DataError } from '../errors.ts';
import { checkIsEmbeddings, Embeddings } from './embeddings.ts';

/**
 * Vectors of items from those of the people who like them: the mean of the normalised rows of the users of each item, as
 * LLMRec carries profiles one hop to the items. Items that nobody with a vector likes have none.
 *
 * Source: Wei et al., "LLMRec", WSDM 2024, section 3.3.
 *
 * @param users vectors by user id
 * @param train whose interactions count: those of training alone
 * @throws {OptionError} for other arguments
 * @throws {DataError} when no user of the interactions has a vector
 * @example
 * const { userIds } = split.train;
 * const profiles = userIds.map((id, n) => `likes ${texts[n % texts.length]}`);
 * const { embeddings: ofUsers } = await lexicalEmbeddings(userIds, profiles, { dim: 8 });
 * const ofItems = itemsFromUsers(ofUsers, split.train);
 */
export function itemsFromUsers(users: Embeddings, train: Interactions): Embeddings {
  checkIsEmbeddings(users, 'itemsFromUsers');
  checkIsInteractions(train, 'itemsFromUsers');
  const { width, vectors, ids, source } = users;
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const rows = Int32Array.from(train.userIds, (id) => rowOf.get(id) ?? -1);
  const scales = Float64Array.from(ids, (_, row) => {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += vectors[at] * vectors[at];
    return squares === 0 ? 0 : 1 / Math.sqrt(squares);
  });
  const sums = new Float64Array(train.numItems * width);
  const counts = new Int32Array(train.numItems);
  for (const [n, user] of train.users.entries()) {
    const row = rows[user];
    if (row < 0 || scales[row] === 0) continue;
    const item = train.items[n];
    counts[item]++;
    for (let k = 0; k < width; k++) sums[item * width + k] += scales[row] * vectors[row * width + k];
  }
  const items = Array.from(counts.keys()).filter((item) => counts[item] > 0);
  if (items.length === 0) {
    const problem = 'expected vectors of users who have interactions, received those of others';
    throw new DataError('itemsFromUsers', problem, 'Check that the ids are those of the interactions');
  }
  const out = new Float32Array(items.length * width);
  for (const [n, item] of items.entries())
    for (let k = 0; k < width; k++) out[n * width + k] = sums[item * width + k] / counts[item];
  return new Embeddings({
    ids: items.map((item) => train.itemIds[item]),
    ...{ width, vectors: out, source: `${source} of users` },
  });
}
