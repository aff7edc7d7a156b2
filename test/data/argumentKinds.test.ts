import { describe, expect, it } from 'vitest';
import { kCore } from '../../src/data/kCore.ts';
import { alignSplit, checkSplit } from '../../src/data/readySplit.ts';
import { coldStart, leaveOneOut, ratioSplit } from '../../src/data/splits.ts';
import { isLlminitError } from '../../src/errors.ts';
import { fromPairs } from './samples.ts';

const interactions = fromPairs([
  ['a', 'x'],
  ['a', 'y'],
  ['b', 'x'],
]);
const split = leaveOneOut(interactions);

describe('arguments and options of another kind are typed errors', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'leaveOneOut of a split',
      () => leaveOneOut(split as never),
      /^OptionError: leaveOneOut: expected interactions, received a split\. Pass its part train/,
    ],
    [
      'leaveOneOut of rows',
      () => leaveOneOut([] as never),
      /expected interactions, received \[\]\. Make them with readInteractions/,
    ],
    [
      'leaveOneOut with a misspelled option',
      () => leaveOneOut(interactions, { ordr: 'time' } as never),
      /received ordr\. Did you mean order\?/,
    ],
    [
      'leaveOneOut with a seed for options',
      () => leaveOneOut(interactions, 3 as never),
      /expected an object of options, received 3/,
    ],
    [
      'ratioSplit of null',
      () => ratioSplit(null as never),
      /ratioSplit: expected interactions, received null/,
    ],
    [
      'ratioSplit with a misspelled option',
      () => ratioSplit(interactions, { ratio: [1, 0, 0] } as never),
      /received ratio\. Did you mean ratios\?/,
    ],
    [
      'ratioSplit with a text',
      () => ratioSplit(interactions, { ratios: '0.8,0.1,0.1' } as never),
      /expected ratios to be a list/,
    ],
    [
      'coldStart of interactions',
      () => coldStart(interactions as never, { seed: 1 }),
      /coldStart: expected a split \{ train, valid, test \}, received interactions/,
    ],
    [
      'coldStart without a seed',
      () => coldStart(split, {} as never),
      /coldStart: expected seed, an integer ≥ 0, received none/,
    ],
    ['kCore of a split', () => kCore(split as never, 2), /kCore: expected interactions, received a split/],
    [
      'kCore without k',
      () => kCore(interactions, undefined as never),
      /expected a number or \{ user, item \}, received undefined/,
    ],
    ['checkSplit of interactions', () => checkSplit(interactions as never), /checkSplit: expected a split/],
    [
      'alignSplit of a split',
      () => alignSplit(split as never, null, interactions),
      /alignSplit: expected interactions, received a split/,
    ],
  ])('%s', (_, call, message) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(isLlminitError(error, 'ERR_LLMINIT_OPTION'), String(error)).toBe(true);
    expect(String(error)).toMatch(message);
  });

  it('interactions of another copy of the class are interactions', () => {
    const { users, items, userIds, itemIds, numUsers, numItems, length } = interactions;
    const foreign = {
      users,
      items,
      userIds,
      itemIds,
      numUsers,
      numItems,
      length,
      subset: interactions.subset.bind(interactions),
    };
    expect(leaveOneOut(foreign as never).train.length).toBe(2);
  });
});
