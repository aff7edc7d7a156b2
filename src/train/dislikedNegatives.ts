import type { Csr } from '../data/csr.ts';
import type { Graph } from '../data/graph.ts';
import { DataError } from '../errors.ts';
import { PURPOSE, Random } from '../runtime/random.ts';
import { type NegativeSampler, type Pairs, viewsOf } from './negatives.ts';

/** @throws {DataError} without low ratings */
export function dislikedOf({ disliked: pairs }: Graph): Csr {
  if (pairs) return pairs;
  const problem = 'expected low ratings to be negatives, received none';
  throw new DataError('fit', problem, 'Read the interactions with minRating, or draw others', 'negatives');
}

/** Negatives of which a share is what the user has rated low. */
export function disliked(pairs: Pairs, { rowPtr, colIdx }: Csr, share: number): NegativeSampler {
  return {
    draw(batch, count, epoch, first) {
      const { users, positives, negatives } = viewsOf(batch);
      for (let p = 0; p < count; p++) {
        const random = new Random(pairs.seed, PURPOSE.negatives, epoch, first + p);
        const user = users[p];
        const own = rowPtr[user + 1] - rowPtr[user];
        const isOwn = own > 0 && random.uint32() < share * 2 ** 32;
        let item = isOwn ? colIdx[rowPtr[user] + random.below(own)] : random.below(pairs.numItems);
        while (!pairs.allowed(user, positives[p] - pairs.numUsers, item)) item = random.below(pairs.numItems);
        negatives[p] = item + pairs.numUsers;
      }
    },
  };
}
