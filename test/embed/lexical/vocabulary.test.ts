import { describe, expect, test } from 'vitest';
import { countTerms } from '../../../src/embed/lexical/vocabulary.ts';
import { weighRows } from '../../../src/embed/lexical/weights.ts';
import { Turns } from '../../../src/runtime/turns.ts';

describe('countTerms', () => {
  test('counts terms of enough texts; a text without one gets no row', async () => {
    const texts = ['pen pen ink', '', 'pen box', 'ink pen', 'lamp'];
    const { counts, documents, vocabulary } = await countTerms(texts, 2);
    expect(vocabulary).toEqual(['pen', 'ink']);
    // "pen ink" and "pen box" stand in one text each, and so does all of the last text.
    expect([...documents]).toEqual([0, 2, 3]);
    expect([...counts.rowPtr]).toEqual([0, 2, 3, 5]);
    expect([...counts.colIdx]).toEqual([0, 1, 0, 0, 1]);
    expect([...counts.values]).toEqual([2, 1, 1, 1, 1]);
  });

  test('keeps the columns of a row ascending when its words come in another order', async () => {
    const { counts, vocabulary } = await countTerms(['a b', 'c b a', 'c d'], 1);
    expect(vocabulary).toEqual(['a', 'b', 'a b', 'c', 'c b', 'b a', 'd', 'c d']);
    expect([...counts.colIdx]).toEqual([0, 1, 2, 0, 1, 3, 4, 5, 3, 6, 7]);
  });

  test('weighs terms by sublinear count, smooth rarity and kind, and normalises rows', async () => {
    const texts = ['pen pen ink', 'pen ink box', 'pen', 'box'];
    const { counts, vocabulary, weights } = await countTerms(texts, 2);
    expect(vocabulary).toEqual(['pen', 'ink', 'pen ink', 'box']);
    const rarity = (df: number) => Math.log(5 / (1 + df)) + 1;
    const expected = [rarity(3), rarity(2), rarity(2) / 2, rarity(2)];
    for (const [n, weight] of expected.entries()) expect(weights[n]).toBeCloseTo(weight, 6);
    const first = [(1 + Math.log(2)) * expected[0], expected[1], expected[2]];
    const { values, rowPtr } = weighRows(counts, weights);
    for (const [n, value] of first.entries()) expect(values![n]).toBeCloseTo(value / Math.hypot(...first), 6);
    for (let row = 0; row < 4; row++)
      expect(Math.hypot(...values!.subarray(rowPtr[row], rowPtr[row + 1]))).toBeCloseTo(1, 6);
  });

  test('knows rare words by the parts they share, and by the known words in them', async () => {
    const texts = ['Baumwollhemd rot', 'Leinenhemd rot', 'Hemd', 'Hemd blau'];
    const rowOf = async (subwords: 'rare' | 'none' | 'all') => {
      const { counts, vocabulary } = await countTerms(texts, 2, { subwords });
      const columns = counts.colIdx.subarray(counts.rowPtr[0], counts.rowPtr[1]);
      return Array.from(columns, (column) => vocabulary[column]);
    };
    expect(await rowOf('none')).toEqual(['rot']);
    expect(await rowOf('rare')).toEqual(
      ['rot', 'hemd', '~hemd', '~emd>', '~nhemd', '~hemd>'].filter((t) => t !== '~nhemd'),
    );
    const all = await countTerms(['Leinenhemden', 'Leinenhemden', 'Freizeithemden'], 2, { subwords: 'all' });
    expect(all.vocabulary).toEqual(expect.arrayContaining(['leinenhemden', '~hemd', '~<lein']));
    const rare = await countTerms(['Leinenhemden', 'Leinenhemden', 'Freizeithemden'], 2);
    expect(rare.vocabulary).toEqual(['leinenhemden']);
  });

  test('finds nothing where nothing repeats, and everything from a frequency of one on', async () => {
    expect((await countTerms(['pen', 'ink'], 2)).counts.rows).toBe(0);
    expect((await countTerms(['pen', 'ink'], 1)).vocabulary).toEqual(['pen', 'ink']);
  });

  test('stops within its texts when it is aborted', async () => {
    const controller = new AbortController();
    const texts = Array.from({ length: 200_000 }, (_, n) => `word${n} and some others`);
    setTimeout(() => controller.abort(new Error('stop')), 60);
    await expect(countTerms(texts, 1, {}, new Turns(controller.signal))).rejects.toThrow('stop');
  });
});
