import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { l3ae } from '../../../src/models/closed/l3ae.ts';
import { SparseSession } from '../../../src/models/closed/sparseSession.ts';
import { randomIndices } from '../../kernels/harness.ts';

const OPTIONS = { candidates: 12, regularization: 3, entries: 8 };
interface Pair {
  user: string;
  item: string;
}
/** Users of one of 30 neighbourhoods of items, so that a change reaches few. */
const pairs: Pair[] = Array.from({ length: 300 }, (_, user) =>
  [...new Set(randomIndices(5, 10, user))].map((item) => ({
    user: `u${user}`,
    item: `i${10 * (user % 30) + item}`,
  })),
).flat();

const changes: Record<string, (rows: readonly Pair[]) => Pair[]> = {
  'a click more': (rows) => [...rows, { user: 'u3', item: 'i175' }],
  'a click less': (rows) => rows.filter((_, n) => n !== rows.length - 3),
  'a user more': (rows) => [...rows, ...['i1', 'i8', 'i20'].map((item) => ({ user: 'new', item }))],
  'a user less': (rows) => rows.filter(({ user }) => user !== 'u299'),
  'an item more': (rows) => [...rows, { user: 'u3', item: 'z' }, { user: 'u9', item: 'z' }],
};

describe('a sparse session', () => {
  it.each(Object.entries(changes))('is after %s what a training gives, to the byte', async (_, change) => {
    const session = await SparseSession.open(Interactions.from(pairs), OPTIONS);
    const next = Interactions.from(change(pairs));
    const solved = await session.update(next);
    expect((await session.scorer()).rows).toEqual((await l3ae(next, null, OPTIONS)).rows);
    expect(solved).toBeGreaterThan(0);
    expect(solved).toBeLessThan(0.4 * next.numItems);
  });

  it('solves all again where items stand in other places, and nothing where nothing changed', async () => {
    const session = await SparseSession.open(Interactions.from(pairs), OPTIONS);
    expect(await session.update(Interactions.from(pairs))).toBe(0);
    const next = Interactions.from([...pairs].reverse());
    expect(await session.update(next)).toBe(next.numItems);
    expect((await session.scorer()).rows).toEqual((await l3ae(next, null, OPTIONS)).rows);
  });
});
