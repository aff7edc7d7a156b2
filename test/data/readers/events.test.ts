import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Interactions } from '../../../src/data/interactions.ts';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';

const read = (text: string, options: Partial<ReadInteractionsOptions> = {}) =>
  readInteractions(text, { name: 'log.csv', ...options });

/** Weight by pair, in the order of the pairs. */
const numbersOf = ({ ratings, users, items, userIds, itemIds }: Interactions) =>
  Object.fromEntries(Array.from(users, (u, n) => [`${userIds[u]} ${itemIds[items[n]]}`, ratings?.[n]]));

const WEIGHTS: Record<string, number> = { view: 1, addtocart: 2, transaction: 3 };

/** Events of RetailRocket: a user, an item and what was done, in any order. */
const anyEvents = fc.array(
  fc.record({
    user: fc.constantFrom('1', '2', '3'),
    item: fc.constantFrom('a', 'b', 'c', 'd'),
    event: fc.constantFrom(...Object.keys(WEIGHTS)),
  }),
  { minLength: 1, maxLength: 40 },
);
const logOf = (rows: readonly { user: string; item: string; event: string }[], quote = '') =>
  `timestamp,visitorid,event,itemid,transactionid\n${rows.map((r, n) => `${1433221332117 + n},${r.user},${quote}${r.event}${quote},${r.item},\n`).join('')}`;

describe('a column of events', () => {
  it('makes the strongest event of a pair its number, and the kinds are counted', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, fc.constantFrom('', '"'), async (rows, quote) => {
        const { interactions, report } = await read(logOf(rows, quote));
        const strongest: Record<string, number> = {};
        for (const { user, item, event } of rows) {
          const pair = `${user} ${item}`;
          strongest[pair] = Math.max(strongest[pair] ?? 0, WEIGHTS[event]);
        }
        expect(numbersOf(interactions)).toEqual(strongest);
        const { kind, events } = interactions.feedback!;
        expect(kind).toBe('event');
        for (const event of new Set(rows.map((row) => row.event))) {
          const count = rows.filter((row) => row.event === event).length;
          expect(events).toContainEqual({ kind: event, rows: count, weight: WEIGHTS[event] });
          expect(report.notes[0].text).toContain(`${event} ${count} (weight ${WEIGHTS[event]})`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives what rows of events give in the API', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvents, fc.subarray(Object.keys(WEIGHTS)), async (rows, events) => {
        const options = events.length > 0 ? { events } : { eventWeights: { view: 0.25 } };
        const isLiked = events.length === 0 || rows.some(({ event }) => events.includes(event));
        fc.pre(isLiked);
        const { interactions } = await read(logOf(rows), options);
        const timed = rows.map((row, n) => ({ ...row, timestamp: 1433221332.117 + n / 1000 }));
        const own = Interactions.from(timed, options);
        expect(numbersOf(own)).toEqual(numbersOf(interactions));
        expect(own.weights).toEqual(interactions.weights);
        expect(own.feedback).toEqual(interactions.feedback);
        expect(own.had?.length).toBe(interactions.had?.length);
      }),
      { numRuns: 40 },
    );
  });

  const rows = [
    { user: '1', item: 'a', event: 'view' },
    { user: '1', item: 'b', event: 'transaction' },
    { user: '1', item: 'a', event: 'addtocart' },
    { user: '2', item: 'b', event: 'view' },
    { user: '2', item: 'a', event: 'addtocart' },
  ];

  it('weighs by the event, in the mean 1, unless weights are binary', async () => {
    const { interactions } = await read(logOf(rows));
    const weights = [...interactions.weights!];
    expect(weights.map((weight) => weight / weights[2])).toEqual(
      [3, 2, 1, 2].map((value) => expect.closeTo(value, 4)),
    );
    expect(weights.reduce((a, b) => a + b) / weights.length).toBeCloseTo(1);
    expect((await read(logOf(rows), { feedbackWeights: 'binary' })).interactions.weights).toBeNull();
  });

  it('leaves events that are not listed as met, not as disliked', async () => {
    const { interactions } = await read(logOf(rows), { events: ['Add_to_Cart', 'transaction'] });
    expect(numbersOf(interactions)).toEqual({ '1 b': 3, '1 a': 2, '2 a': 2 });
    expect([interactions.had!.length, interactions.disliked]).toEqual([4, null]);
  });

  it('refuses kinds that are not there and kinds that contradict', async () => {
    const unknown = read(logOf(rows), { events: ['byu'] });
    await expect(unknown).rejects.toThrow(/expected events "byu", found "view", "transaction", "addtocart"/);
    await expect(read(logOf(rows), { events: ['order'] })).rejects.toThrow(
      /none of 4 pairs is liked.*view 2/,
    );
    const both = { events: ['view'], eventWeights: { view: 0 } };
    await expect(read(logOf(rows), both)).rejects.toThrow(/"view" is among the liked events/);
    await expect(read('user,item\na,b\n', { events: ['buy'] })).rejects.toThrow(/a column for the event/);
    await expect(read(logOf(rows), { eventWeights: { view: Number.NaN } })).rejects.toMatchObject({
      option: 'eventWeights',
    });
  });

  it('takes a dislike for one, whatever was seen before, until something else follows', async () => {
    const log = (kinds: readonly string[]) =>
      `user,item,action,time\nx,y,view,1\nx,z,view,1\n${kinds.map((kind, n) => `x,a,${kind},${2 + n}\n`).join('')}`;
    const disliked = (await read(log(['view', 'like', 'dislike']))).interactions;
    expect([disliked.length, disliked.had!.length, disliked.belowRating]).toEqual([2, 2, 1]);
    const liked = (await read(log(['dislike', 'like']))).interactions;
    expect(numbersOf(liked)).toMatchObject({ 'x a': 2 });
  });

  it('can be left out, and other words of such a column are noted', async () => {
    const { interactions } = await read(logOf(rows), { eventColumn: null });
    expect(interactions.feedback).toBeNull();
    const types = await read('user,item,type\n1,2,movie\n1,3,show\n');
    expect([types.interactions.feedback, types.report.notes[0].option]).toEqual([null, 'eventColumn']);
    const named = await read('user,item,type\n1,2,movie\n1,3,show\n', { eventColumn: 'type' });
    expect(named.interactions.feedback!.events).toHaveLength(2);
  });
});

describe('public logs of events', () => {
  it.each([
    [
      'REES46',
      'event_time,event_type,product_id,price,user_id\n2019-11-01 00:00:00 UTC,view,1,489.07,5\n' +
        '2019-11-01 00:00:01 UTC,remove_from_cart,2,4.5,5\n2019-11-01 00:00:01 UTC,purchase,1,489.07,5\n',
      { '5 1': 3 },
    ],
    [
      'Tmall',
      'user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n3,7,833,2882,2661,829,0\n3,8,1,1,1,829,2\n3,9,1,1,1,829,3\n',
      { '3 7': 1, '3 8': 3, '3 9': 2 },
    ],
    [
      'Tianchi',
      'user_id,item_id,behavior_type,user_geohash,item_category,time\n9,2,1,,42,2014-12-06 02\n9,3,4,,58,2014-12-09 20\n',
      { '9 2': 1, '9 3': 3 },
    ],
    [
      'Taobao, without a header',
      '1,22,2520377,pv,1511544070\n1,33,2520771,cart,1511561733\n1,44,149192,fav,1511572885\n2,22,2520377,buy,1511593493\n',
      { '1 22': 1, '1 33': 2, '1 44': 2, '2 22': 3 },
    ],
    [
      'JSON lines',
      '{"userId":"a","event":"productView","itemId":"x"}\n{"userId":"a","event":"order","itemId":"x"}\n',
      { 'a x': 3 },
    ],
  ])('%s', async (_, text, numbers) => {
    expect(numbersOf((await read(text)).interactions)).toEqual(numbers);
  });

  const steam =
    '1,"Skyrim, SE",purchase,1.0,0\n1,"Skyrim, SE",play,273.0,0\n1,Fallout,play,87.0,0\n1,Fallout,purchase,1.0,0\n2,Spore,purchase,1.0,0\n2,Skyrim,purchase,1.0,0\n2,Skyrim,play,1.0,0\n';

  it('Steam-200k: hours of play are the numbers, a purchase adds none', async () => {
    const { interactions, report } = await read(steam, { feedbackWeights: 'linear' });
    const { length, duplicates, weights, feedback } = interactions;
    expect([length, duplicates, feedback!.kind]).toEqual([4, 3, 'count']);
    expect([...weights!].map((weight) => weight / weights![3])).toEqual(
      [273, 87, 1, 1].map((value) => expect.closeTo(value, 4)),
    );
    expect(report.notes[0].text).toMatch(/purchase 4, play 3; the numbers beside them count/);
    const played = (await read(steam, { events: ['play'] })).interactions;
    expect(numbersOf(played)).toEqual({ '1 Skyrim, SE': 273, '1 Fallout': 87, '2 Skyrim': 1 });
  });
});

describe('rows with events in the API', () => {
  it('are refused beside ratings', () => {
    const from = (...rows: { event?: string; rating?: number }[]) =>
      Interactions.from(rows.map((row, n) => ({ user: 'u', item: `${n}`, ...row })));
    expect(() => from({ event: 'buy', rating: 3 })).toThrow(/row 0: there are an event and a rating/);
    expect(() => from({ event: 'buy' }, { rating: 3 })).toThrow(/row 1: there is no event/);
    expect(() => from({ rating: 3 }, { event: 'buy' })).toThrow(/row 1: there is an event/);
    expect(() => from({ event: ' ' })).toThrow(/the event is " "/);
  });
});
