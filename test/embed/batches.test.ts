import { describe, expect, test } from 'vitest';
import { type EmbedProgress, embedInBatches } from '../../src/embed/batches.ts';
import { memoryCache } from '../../src/embed/cache.ts';
import type { Embedder } from '../../src/embed/embedder.ts';
import { estimatedTokens, planBatches } from '../../src/embed/plan.ts';
import { DataError, ShapeError } from '../../src/errors.ts';

/** Vectors [length, 1]; counts what it is asked, and how many calls are under way at once. */
function recording(settings: Partial<Embedder> = {}) {
  const state = { calls: [] as string[][], running: 0, most: 0 };
  const embedder: Embedder = {
    id: 'recording',
    ...settings,
    async embed(texts) {
      state.calls.push([...texts]);
      state.most = Math.max(state.most, ++state.running);
      // What fails, fails first.
      await new Promise((resolve) => setTimeout(resolve, texts.includes('bad') ? 0 : 30));
      state.running--;
      if (texts.includes('bad')) throw new Error('a bad text');
      return texts.map((text) => (text.startsWith('none') ? null : [text.length, 1]));
    },
  };
  return { embedder, state };
}

describe('planBatches', () => {
  test('keeps the order, or goes from the longest text to the shortest', () => {
    const texts = ['aa', 'b', 'cccc', 'dd', 'e'];
    expect(planBatches(texts, {}, 2)).toEqual([[0, 1], [2, 3], [4]]);
    expect(planBatches(texts, { byLength: true }, 2)).toEqual([[2, 0], [3, 1], [4]]);
  });

  test('counts tokens, and lets a text that is longer than a batch go alone', () => {
    const texts = ['a'.repeat(30), 'b'.repeat(3), 'c'.repeat(300), 'd'];
    expect(planBatches(texts, { batchTokens: 11 }, 32)).toEqual([[0, 1], [2], [3]]);
    expect(planBatches(['红色木吉他', '红色', 'abc'], { batchTokens: 5 }, 32)).toEqual([[0], [1, 2]]);
    expect([estimatedTokens('abcd'), estimatedTokens('红a')]).toEqual([2, 2]);
  });
});

describe('embedInBatches', () => {
  test('embeds equal texts once and gives each its row', async () => {
    const { embedder, state } = recording();
    const progress: EmbedProgress[] = [];
    const { vectors } = await embedInBatches(['pen', 'lamp', 'pen', 'pen'], embedder, {
      onProgress: (step) => progress.push(step),
    });
    expect(state.calls).toEqual([['pen', 'lamp']]);
    expect([...vectors]).toEqual([3, 1, 4, 1, 3, 1, 3, 1]);
    expect(progress).toEqual([{ done: 4, total: 4, cached: 0 }]);
  });

  test('runs as many calls at a time as the embedder takes, with the same result', async () => {
    const texts = Array.from({ length: 23 }, (_, n) => 'x'.repeat(n + 1));
    const alone = recording({ batchSize: 2 });
    const together = recording({ batchSize: 2, concurrency: 4 });
    const first = await embedInBatches(texts, alone.embedder);
    const second = await embedInBatches(texts, together.embedder);
    expect(second.vectors).toEqual(first.vectors);
    expect([alone.state.most, together.state.most]).toEqual([1, 4]);
  });

  test('leaves out texts without a vector, and says so when there is none at all', async () => {
    const { embedder } = recording({ width: 2 });
    const { ids, vectors } = await embedInBatches(['none', 'pen', 'none too'], embedder, {
      ids: ['a', 'b', 'c'],
    });
    expect([ids, [...vectors]]).toEqual([['b'], [3, 1]]);
    await expect(embedInBatches(['none'], embedder)).rejects.toThrow(/received none for any of 1 texts/);
  });

  test('finishes and keeps the calls under way when one fails, begins no other, then throws', async () => {
    const cache = memoryCache();
    const { embedder, state } = recording({ batchSize: 1, concurrency: 2 });
    const texts = ['bad', 'pen', 'lamp', 'desk'];
    await expect(embedInBatches(texts, embedder, { cache })).rejects.toThrow('a bad text');
    expect(state.calls.flat().sort()).toEqual(['bad', 'pen']);
    const again = recording({ batchSize: 1, concurrency: 2 });
    await embedInBatches(['good', 'pen', 'lamp', 'desk'], again.embedder, { cache });
    expect(again.state.calls.flat().sort()).toEqual(['desk', 'good', 'lamp']);
  });

  test('asks again for a vector that the cache gives back damaged', async () => {
    const inner = memoryCache();
    const { embedder, state } = recording();
    await embedInBatches(['pen', 'lamp'], embedder, { cache: inner });
    for (const damaged of [Float32Array.of(1, Number.NaN), new Float32Array(0)]) {
      const cache = {
        ...inner,
        get: async (keys: readonly string[]) => [damaged, (await inner.get(keys))[1]],
      };
      state.calls.length = 0;
      const { vectors } = await embedInBatches(['pen', 'lamp'], embedder, { cache });
      expect([...vectors]).toEqual([3, 1, 4, 1]);
      expect(state.calls).toEqual([['pen']]);
    }
  });

  test('passes a whole catalogue in one call, blank texts and progress included', async () => {
    const { embedder, state } = recording({ dependsOn: 'catalogue', batchSize: 2 });
    const reporting: Embedder = {
      ...embedder,
      embed(texts, call) {
        call?.onProgress?.({ done: 1, total: 2 });
        return embedder.embed(texts);
      },
    };
    const progress: EmbedProgress[] = [];
    const texts = ['pen', '', 'lamp'];
    await embedInBatches(texts, reporting, { onProgress: (step) => progress.push(step) });
    expect(state.calls).toEqual([texts]);
    expect(progress).toEqual([{ done: 1, total: 2, cached: 0 }]);
  });

  test('refuses texts that no encoder should see', async () => {
    const { embedder, state } = recording();
    const call = (text: string) => embedInBatches(['pen', text], embedder, { ids: ['a', 'b'] });
    await expect(call(' \n')).rejects.toThrow(/expected a text for b \(position 1\), received a blank one/);
    await expect(call('sad \ud83d')).rejects.toThrow(/half of a UTF-16 pair/);
    expect(state.calls).toEqual([]);
    expect((await call('glad \u{1f600}')).ids).toEqual(['a', 'b']);
  });

  test.each([
    ['no list', async () => 'pen', ShapeError, /expected 1 vectors, received "pen"/],
    ['another number of rows', async () => [[1], [2]], ShapeError, /expected 1 vectors, received 2/],
    ['an empty row', async () => [[]], ShapeError, /expected a list of numbers for 0/],
    ['a row of text', async () => [['1', '2']], DataError, /finite vector for 0, received "1" in column 0/],
    ['a number beyond float32', async () => [[1e39]], DataError, /received 1e\+39 in column 0/],
  ])('refuses %s from a foreign embedder', async (_, embed, kind, message) => {
    const foreign = { id: 'foreign', embed } as unknown as Embedder;
    await expect(embedInBatches(['pen'], foreign)).rejects.toThrow(kind);
    await expect(embedInBatches(['pen'], foreign)).rejects.toThrow(message);
  });

  test('refuses rows of changing width across batches, and keeps what was right', async () => {
    const cache = memoryCache();
    const changing: Embedder = {
      id: 'changing',
      batchSize: 1,
      embed: async ([text]) => [text === 'lamp' ? [1, 2, 3] : [1, 2]],
    };
    const call = embedInBatches(['pen', 'lamp'], changing, { cache, ids: ['a', 'b'] });
    await expect(call).rejects.toThrow(/expected vectors of width 2, received 3 for b/);
    const { embedder, state } = recording({ id: 'changing' });
    await embedInBatches(['pen'], embedder, { cache });
    expect(state.calls).toEqual([]);
  });
});
