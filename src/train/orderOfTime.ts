import type { Interactions } from '../data/interactions.ts';
import type { Split } from '../data/splits.ts';

/**
 * What a user of a model of sequences should be told about the order of a split; null where nothing is held out that came
 * before a training interaction of its user.
 */
export function orderWarning({ train, valid, test }: Split): string | null {
  if (!train.timestamps) {
    return 'The interactions have no times: the order of the file is taken for that of time';
  }
  const last = new Float64Array(train.numUsers).fill(-Infinity);
  for (const [n, user] of train.users.entries()) last[user] = Math.max(last[user], train.timestamps[n]);
  const earlier = countEarlier(valid, last) + countEarlier(test, last);
  if (earlier === 0) return null;
  const problem = `${earlier} of ${valid.length + test.length} held-out interactions are older than what is trained on`;
  return `A model of sequences predicts what comes next, which is ill-posed here: ${problem}. Split in order of time (--order time)`;
}

function countEarlier({ users, timestamps }: Interactions, last: Float64Array): number {
  let count = 0;
  for (const [n, user] of users.entries()) if (timestamps && timestamps[n] < last[user]) count++;
  return count;
}
