import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import { Embeddings } from '../../../src/embed/embeddings.ts';
import { DenseSession } from '../../../src/models/closed/denseSession.ts';
import { l3ae } from '../../../src/models/closed/l3ae.ts';
import { randomIndices, randomValues } from '../../kernels/harness.ts';
import { denseRows } from './denseRows.ts';

const ITEMS = 40;
const WIDTH = 9;
interface Pair {
  user: string;
  item: string;
}
const pairs: Pair[] = Array.from({ length: 60 }, (_, user) =>
  [...new Set(randomIndices(6, ITEMS - 4, user))].map((item) => ({ user: `u${user}`, item: `i${item}` })),
).flat();
/** Vectors of the items that are there and of those that will come, but for some. */
const ids = Array.from({ length: ITEMS }, (_, n) => `i${n}`).filter((_, n) => n % 9 !== 4);
const embeddings = new Embeddings({
  ids,
  width: WIDTH,
  vectors: randomValues(ids.length * WIDTH, 3),
  source: 'test',
});
const OPTIONS = {
  regularization: 4,
  textRegularization: 2,
  negative: true,
  entries: Number.POSITIVE_INFINITY,
};

const changes: Record<string, (rows: readonly Pair[]) => Pair[]> = {
  'a click more': (rows) => [...rows, { user: 'u3', item: 'i35' }],
  'a click less': (rows) => rows.filter((_, n) => n !== 17),
  'a user more': (rows) => [...rows, ...['i1', 'i8', 'i20'].map((item) => ({ user: 'new', item }))],
  'a user less': (rows) => rows.filter(({ user }) => user !== 'u7'),
  'an item more, with a vector': (rows) => [
    ...rows,
    { user: 'u3', item: 'i37' },
    { user: 'u9', item: 'i37' },
  ],
  'an item more, without one': (rows) => [...rows, { user: 'u3', item: 'z' }],
  'an item less': (rows) => rows.filter(({ item }) => item !== 'i6'),
  'another order of items and users': (rows) => [...rows].reverse(),
  'all of it': (rows) =>
    [...rows.filter(({ user, item }, n) => user !== 'u7' && item !== 'i6' && n !== 17)].concat([
      { user: 'new', item: 'i38' },
      { user: 'u1', item: 'i38' },
      { user: 'u1', item: 'i39' },
    ]),
};

describe('a dense session', () => {
  it.each(
    Object.entries(changes).flatMap(([name, change]) =>
      [null, embeddings].flatMap((given) =>
        [0, 0.6].map((popularityPenalty) => ({ name, change, given, popularityPenalty })),
      ),
    ),
  )('is after $name what a training gives, penalty $popularityPenalty', async (how) => {
    const { change, given, popularityPenalty } = how;
    const options = { ...OPTIONS, popularityPenalty };
    const session = await DenseSession.open(Interactions.from(pairs), given, options);
    const next = Interactions.from(change(pairs));
    const columns = await session.update(next);
    const found = denseRows((await session.scorer()).rows);
    const expected = denseRows((await l3ae(next, given, { ...options, form: 'dense' })).rows);
    expect(found.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0)).toBeLessThan(
      1e-5,
    );
    if (popularityPenalty === 0 && !how.name.startsWith('all') && !how.name.includes('item less'))
      expect(columns).toBeLessThan(8);
    session.close();
  });

  it.each([0.001, 0.01, 0.1])(
    'is as precise with λ = %s, where a new item loses digits',
    async (regularization) => {
      const options = { ...OPTIONS, regularization, popularityPenalty: 0 };
      const session = await DenseSession.open(Interactions.from(pairs), null, options);
      const next = Interactions.from(changes['an item more, without one'](pairs));
      await session.update(next);
      const found = denseRows((await session.scorer()).rows);
      const expected = denseRows((await l3ae(next, null, { ...options, form: 'dense' })).rows);
      session.close();
      expect(
        found.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0),
      ).toBeLessThan(1e-5);
    },
  );

  it('takes change after change, and solves anew where that takes less', async () => {
    const session = await DenseSession.open(Interactions.from(pairs), embeddings, {
      ...OPTIONS,
      popularityPenalty: 0,
    });
    let rows: Pair[] = pairs;
    for (let round = 0; round < 12; round++) {
      rows = [...rows.filter((_, n) => n !== 5 * round), { user: `n${round}`, item: `i${30 + (round % 9)}` }];
      await session.update(Interactions.from(rows));
    }
    const next = Interactions.from(rows);
    const found = denseRows((await session.scorer()).rows);
    const whole = await l3ae(next, embeddings, { ...OPTIONS, popularityPenalty: 0, form: 'dense' });
    const expected = denseRows(whole.rows);
    expect(found.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0)).toBeLessThan(
      1e-5,
    );
    expect(await session.update(Interactions.from(pairs))).toBe(null);
    expect(await session.update(Interactions.from(pairs))).toBe(0);
    session.close();
  });
});
