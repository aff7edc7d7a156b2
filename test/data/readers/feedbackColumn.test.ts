import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';

const FEW = 12;

/** A file of one user and one item a row, whose ratings are given as texts. */
function ratings(texts: readonly string[], column = 'rating'): string {
  const rows = texts.map((text, n) => `u${n % 3},i${n},"${text}"\n`);
  return `user,item,${column}\n${rows.join('')}`;
}

const read = (texts: readonly string[], options: Partial<ReadInteractionsOptions> = {}, column?: string) =>
  readInteractions(ratings(texts, column), { name: 'r.csv', ...options });

/** Columns of random values of 0 … most, at least one of them above 0, each written by `write`. */
const written = (most: number, write: (value: number) => string, least = 0) =>
  fc
    .array(fc.integer({ min: least, max: most }), { minLength: 3, maxLength: FEW })
    .filter((values) => values.some((value) => value > 0))
    .map((values) => ({ values, texts: values.map(write) }));

describe('feedback that is written in other ways than plain numbers', () => {
  it.each([
    ['per cent', 100, (n: number) => `${n}%`, 'in per cent'],
    ['per cent with a blank', 100, (n: number) => `${n} %`, 'in per cent'],
    ['parts', 5, (n: number) => `${n}/5`, 'out of 5'],
    ['parts in words', 10, (n: number) => `${n} out of 10`, 'out of 10'],
    ['Amazon 2013', 5, (n: number) => `${n}.0 out of 5 stars`, 'out of 5'],
    ['stars', 5, (n: number) => '★'.repeat(n) + '☆'.repeat(5 - n), 'in stars'],
    ['asterisks', 5, (n: number) => '*'.repeat(n + 1), 'in stars', 1],
    ['emoji', 5, (n: number) => '⭐\u{FE0F}'.repeat(n + 1), 'in stars', 1],
    ['a unit', 900, (n: number) => `${n} h`, 'with the unit h'],
    [
      'a unit in singular and plural',
      5,
      (n: number) => `${n} star${n === 1 ? '' : 's'}`,
      'with the unit star',
    ],
  ] as [string, number, (n: number) => string, string, number?][])(
    '%s are numbers, and the reading line says which',
    async (_, most, write, words, added = 0) => {
      await fc.assert(
        fc.asyncProperty(written(most, write, 1), async ({ values, texts }) => {
          const { interactions, report } = await read(texts);
          expect([...interactions.ratings!]).toEqual(values.map((value) => value + added));
          expect(report.layout).toContain(words);
          expect(report.unread).toEqual([]);
        }),
        { numRuns: 15 },
      );
    },
  );

  it('scales parts of different wholes to the largest one', async () => {
    const { interactions } = await read(['4/5', '8/10', '3/5', '9/10']);
    expect([...interactions.ratings!]).toEqual([8, 8, 6, 9]);
  });

  it('takes school grades in their order', async () => {
    const { interactions } = await read(['A+', 'a', 'A-', 'B', 'C', 'D', 'E', 'F']);
    const values = [...interactions.ratings!];
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values[1]).toBe(6);
  });

  it.each([
    ['👍', '👎'],
    ['👍🏽', '👎🏿'],
    ['❤️', '💔'],
    ['+1', '-1'],
    ['1', '−1'],
    ['+', '-'],
    ['yes', 'no'],
    ['YES', 'NO'],
    ['true', 'false'],
    ['like', 'dislike'],
    ['Recommended', 'Not Recommended'],
    ['thumbs up', 'thumbs down'],
    ['positive', 'negative'],
    ['oui', 'non'],
    ['ja', 'nein'],
  ])('takes %s for liked and %s for not', async (yes, no) => {
    const isYes = [true, false, true, true, false, true];
    const texts = isYes.map((liked) => (liked ? yes : no));
    const { interactions } = await read(texts);
    expect(interactions.feedback!.kind).toBe('label');
    expect(interactions.itemIds).toEqual(['i0', 'i2', 'i3', 'i5']);
    expect(interactions.belowRating).toBe(2);
    expect(interactions.disliked).not.toBeNull();
  });

  it('takes a row without a label for met, not for liked', async () => {
    const { interactions } = await read(['yes', 'no', '', 'yes', 'no', '']);
    expect([interactions.length, interactions.belowRating]).toEqual([2, 4]);
  });

  it('decides by the column what a comma means, and says it', async () => {
    const groups = await read(['2,234', '12', '1,000']);
    expect([...groups.interactions.ratings!]).toEqual([2234, 12, 1000]);
    expect(groups.report.layout).toContain('mark between thousands');
    const decimals = await read(['2,234', '12', '4,5']);
    expect([...decimals.interactions.ratings!]).toEqual([2.234, 12, 4.5].map(Math.fround));
    expect(decimals.report.layout).toContain('decimal comma');
    const stated = await read(['2,234', '12'], { decimal: ',' });
    expect([...stated.interactions.ratings!]).toEqual([2.234, 12].map(Math.fround));
  });

  it('refuses a comma with two meanings, and one that contradicts what was read before', async () => {
    const late = [...Array<string>(600).fill('3'), '1,200', '4,5'];
    await expect(read(late)).rejects.toThrow(/one meaning of the comma.*"4,5" after "1,200"/);
    const { interactions } = await read([...Array<string>(600).fill('3'), '4,5']);
    expect(interactions.ratings!.at(-1)).toBe(4.5);
  });

  it.each([
    ['k and M', ['1.2k', '300', '2M'], [1200, 300, 2_000_000]],
    ['a clock', ['1:20:05', '0:00:30', '10:00:00'], [4805, 30, 36_000]],
    ['apostrophes', ["1'234", '12', "5'000"], [1234, 12, 5000]],
    ['blanks', ['1 234', '12', '5 000'], [1234, 12, 5000]],
    ['full width', ['５', '４', '１'], [5, 4, 1]],
    ['Arabic digits', ['٥', '٤', '١'], [5, 4, 1]],
    ['points between thousands for sure', ['1.234.567', '12', '3.000'], [1_234_567, 12, 3000]],
  ])('reads numbers with %s', async (_, texts, numbers) => {
    expect([...(await read(texts)).interactions.ratings!]).toEqual(numbers);
  });

  it('takes a point before three digits for a decimal one, says so, and is told otherwise by decimal', async () => {
    const { interactions, report } = await read(['1.234', '12', '3.000']);
    expect(interactions.ratings![0]).toBe(Math.fround(1.234));
    expect(report.notes).toContainEqual(expect.objectContaining({ option: 'decimal' }));
    expect((await read(['1.234', '12'], { decimal: ',' })).interactions.ratings![0]).toBe(1234);
    expect((await read(['1.234', '12.5'])).report.notes.some(({ option }) => option === 'decimal')).toBe(
      false,
    );
  });

  it('says how many rows have no value, and which other columns may be feedback', async () => {
    const { report } = await readInteractions('user,item,rating,overall\na,x,,4\na,y,3,4\nb,x,5,1\n', {
      name: 'r',
    });
    const notes = report.notes.map(({ text }) => text).join('\n');
    expect(notes).toContain('1 rows have no value in "rating" and count as liked');
    expect(notes).toContain('"overall" may hold feedback, too');
  });

  it('takes a dash or "not rated" among numbers for no rating', async () => {
    const { interactions, report } = await read(['5', '-', 'not rated', '-', '—']);
    expect([interactions.length, interactions.feedback!.least, report.unread.length]).toEqual([5, 5, 0]);
  });
});

describe('feedback that cannot be read', () => {
  it('is an error that names the values and what to do', async () => {
    const texts = ['good', 'great', 'awful', 'great', 'meh'];
    const error = read(texts);
    await expect(error).rejects.toThrow(/the column "rating", received .*"great" \(2\).*of 5 values/);
    await expect(error).rejects.toMatchObject({ code: 'ERR_LLMINIT_DATA', option: 'liked' });
    await expect(error).rejects.toThrow(/--rating-column none/);
  });

  it('is one where it comes late, too', async () => {
    const texts = [...Array<string>(300).fill('3'), ...Array<string>(100).fill('fine')];
    await expect(read(texts)).rejects.toThrow(/"fine" \(100\); 100 of 400 values/);
  });

  it('can be left out', async () => {
    const { interactions } = await read(['good', 'awful'], { ratingColumn: null });
    expect([interactions.length, interactions.feedback]).toEqual([2, null]);
  });

  it('is read by the values that are named as liked', async () => {
    const texts = ['good', 'Great', 'awful', 'great', 'meh'];
    const { interactions, report } = await read(texts, { liked: ['great', 'good'] });
    expect(interactions.itemIds).toEqual(['i0', 'i1', 'i3']);
    expect(report.layout).toContain('great, good are liked');
    const numbers = await read(['4.0', '5', '3'], { liked: ['4', '5'] });
    expect(numbers.interactions.length).toBe(2);
    const none = read(texts, { liked: ['superb', 'fine'] });
    await expect(none).rejects.toThrow(/none of 5 pairs is liked: no value is "superb" or "fine"/);
    await expect(read(texts, { liked: [] })).rejects.toMatchObject({ code: 'ERR_LLMINIT_OPTION' });
    await expect(read(texts, { liked: [4] as never })).rejects.toMatchObject({ code: 'ERR_LLMINIT_OPTION' });
    await expect(read(texts, { liked: ['good'], minRating: 2 })).rejects.toThrow(/no minRating beside it/);
    await expect(readInteractions('user,item\na,b\n', { name: 'x', liked: ['good'] })).rejects.toThrow(
      /expected a column for the rating/,
    );
  });
});
