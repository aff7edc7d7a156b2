import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { sampleUsers } from '../../src/data/sampleUsers.ts';
import { OptionError } from '../../src/errors.ts';

const rows = Array.from({ length: 200 }, (_, user) =>
  Array.from({ length: 5 }, (_, n) => ({ user: `u${user}`, item: `i${(user * 7 + n * n * 13) % 90}` })),
).flat();
const all = Interactions.from(rows);
const pairsOf = (set: Interactions) =>
  Array.from(set.users, (user, n) => `${set.userIds[user]} ${set.itemIds[set.items[n]]}`);

describe('sampleUsers', () => {
  it('takes whole histories until as many items are touched, and no other item stays', () => {
    const sample = sampleUsers(all, { items: 30, seed: 1 });
    expect(sample.numItems).toBeGreaterThanOrEqual(30);
    expect(sample.numItems).toBeLessThan(35);
    const kept = new Set(sample.userIds);
    expect(pairsOf(sample)).toEqual(pairsOf(all).filter((pair) => kept.has(pair.split(' ')[0])));
    expect(new Set(sample.items).size).toBe(sample.numItems);
  });

  it('is decided by its seed', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => pairsOf(sampleUsers(all, { items: 30, seed })));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('is everything where there are no more items, and refuses other arguments', () => {
    expect(sampleUsers(all, { items: 90, seed: 1 })).toBe(all);
    expect(() => sampleUsers(all, { items: 0, seed: 1 })).toThrow(OptionError);
    expect(() => sampleUsers([] as never, { items: 5, seed: 1 })).toThrow(OptionError);
  });
});
