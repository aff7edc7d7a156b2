import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../../src/data/readers/readCatalogue.ts';
import { type LexicalOptions, lexicalEmbeddings } from '../../../src/embed/lexical/lexicalEmbeddings.ts';
import { countTerms } from '../../../src/embed/lexical/vocabulary.ts';
import { weighRows } from '../../../src/embed/lexical/weights.ts';
import { BudgetError, DataError, OptionError, ShapeError } from '../../../src/errors.ts';
import { load } from '../../../src/runtime/load.ts';
import { sharedData } from '../../sharedData.ts';

describe('lexicalEmbeddings', () => {
  const texts = ['red ink pen', 'blue ink pen', 'oak desk', 'oak desk lamp', 'red lamp', 'zebra', ''];
  const ids = texts.map((_, n) => `item${n}`);

  test('keeps all inner products of the TF-IDF rows when the rank allows it', async () => {
    const { embeddings, vocabularySize } = await lexicalEmbeddings(ids, texts, { dim: 50 });
    const { counts, weights } = await countTerms(texts, 2);
    const matrix = weighRows(counts, weights);
    expect(vocabularySize).toBe(matrix.cols);
    const { width, vectors } = embeddings;
    for (let i = 0; i < matrix.rows; i++) {
      for (let j = 0; j < matrix.rows; j++) {
        let exact = 0;
        for (let a = matrix.rowPtr[i]; a < matrix.rowPtr[i + 1]; a++) {
          for (let b = matrix.rowPtr[j]; b < matrix.rowPtr[j + 1]; b++) {
            if (matrix.colIdx[a] === matrix.colIdx[b]) exact += matrix.values![a] * matrix.values![b];
          }
        }
        let got = 0;
        for (let k = 0; k < width; k++) got += vectors[i * width + k] * vectors[j * width + k];
        expect(got).toBeCloseTo(exact, 5);
      }
    }
  });

  test('says in its source that the texts have a lower rank than dim, and lists the items without a vector', async () => {
    const { embeddings, missing } = await lexicalEmbeddings(ids, texts, { dim: 50 });
    // The five rows are sums of four groups of words: red, ink and pen, oak and desk, lamp.
    expect(embeddings.width).toBe(4);
    expect(embeddings.source).toBe("lexical (width 4 of 50: the texts' rank)");
    expect(embeddings.ids).toEqual(ids.slice(0, 5));
    expect(missing).toEqual(['item5', 'item6']);
    const narrow = await lexicalEmbeddings(ids, texts, { dim: 2 });
    expect([narrow.embeddings.width, narrow.embeddings.source]).toEqual([2, 'lexical']);
  });

  test('gives equal texts equal vectors of the single column that they need', async () => {
    const same = Array.from({ length: 40 }, () => 'red ink pen, red ink pen');
    const { embeddings } = await lexicalEmbeddings(
      same.map((_, n) => `i${n}`),
      same,
    );
    expect(embeddings.width).toBe(1);
    for (const value of embeddings.vectors) expect(value).toBeCloseTo(1, 5);
  });

  test('lists an item as missing when the kept columns hold nothing of its terms', async () => {
    const many = Array.from({ length: 120 }, (_, n) => `topic${n % 4}`);
    const all = [...many, 'rare', 'rare'];
    const { embeddings, missing } = await lexicalEmbeddings(
      all.map((_, n) => `i${n}`),
      all,
      { dim: 4 },
    );
    expect(missing).toEqual(['i120', 'i121']);
    expect(embeddings.ids).toHaveLength(120);
    const whole = await lexicalEmbeddings(
      all.map((_, n) => `i${n}`),
      all,
      { dim: 5 },
    );
    expect(whole.missing).toEqual([]);
  });

  test('gives each text a vector of its own where no two share a term, unless a frequency is asked for', async () => {
    const { embeddings, missing } = await lexicalEmbeddings(['a', 'b', 'c'], ['lamp', 'desk', 'pen']);
    expect([missing, embeddings.width]).toEqual([[], 3]);
  });

  test('reports every step, and stops when asked to', async () => {
    const steps: number[] = [];
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }): void => {
      steps.push(done);
      if (done === 3) setTimeout(() => stop.abort(new Error('enough')), 0);
    };
    await expect(lexicalEmbeddings(ids, texts, { signal: stop.signal, onProgress })).rejects.toThrow(
      'enough',
    );
    expect(steps.slice(0, 3)).toEqual([1, 2, 3]);
    expect(steps.length).toBeLessThan(6);
  });

  test('refuses arguments that do not fit, before any work', async () => {
    await expect(lexicalEmbeddings(ids, texts, { dim: 0 })).rejects.toThrow(OptionError);
    await expect(lexicalEmbeddings(ids, texts, { minDocumentFrequency: 1.5 })).rejects.toThrow(OptionError);
    await expect(lexicalEmbeddings(ids, texts, { seed: -1 })).rejects.toThrow(OptionError);
    await expect(lexicalEmbeddings(['a'], texts)).rejects.toThrow(ShapeError);
    await expect(lexicalEmbeddings([], [])).rejects.toThrow(DataError);
    await expect(lexicalEmbeddings(['a', 'a'], ['x', 'x'])).rejects.toThrow('"a" at positions 0 and 1');
    await expect(lexicalEmbeddings(['a', ''], ['x', 'x'])).rejects.toThrow(DataError);
    await expect(lexicalEmbeddings(['a', 'b'], ['x', 'y'], { minDocumentFrequency: 2 })).rejects.toThrow(
      'at least 2 texts',
    );
    await expect(lexicalEmbeddings(['a', 'b'], ['!', '…'])).rejects.toThrow(/letters or digits, found none/);
    const strange = { subwords: 'some' } as unknown as LexicalOptions;
    await expect(lexicalEmbeddings(ids, texts, strange)).rejects.toThrow(
      /expected subwords to be rare \| all \| none, received "some"/,
    );
  });

  test('says how much memory it needs when that is more than it may use', async () => {
    const runtime = await load({ maxMemoryBytes: 20_000 });
    await expect(lexicalEmbeddings(ids, texts, { runtime })).rejects.toThrow(BudgetError);
  });

  test('tells few texts apart that share some words by the words that they do not share', async () => {
    const texts = ['Book one of cats', 'Book two of dogs', 'Book three of ships'];
    const { embeddings } = await lexicalEmbeddings(['a', 'b', 'c'], texts);
    const { vectors, width } = embeddings;
    const [a, b] = [vectors.subarray(0, width), vectors.subarray(width, 2 * width)];
    expect([...a]).not.toEqual([...b]);
  });
});

describe.skipIf(!sharedData)('lexicalEmbeddings of amazon-office', () => {
  const catalogue = async () => {
    const path = `${sharedData}/data/amazon-office/amazon-office.item`;
    return (await readCatalogue(readFileSync(path), { name: path, textColumns: ['description'] })).catalogue;
  };

  test('gives every item 256 columns of falling length, and the same bytes twice', async () => {
    const { ids, texts } = await catalogue();
    const one = await lexicalEmbeddings(ids, texts);
    const two = await lexicalEmbeddings(ids, texts);
    expect(one.vocabularySize).toBe(9103);
    expect(one.missing).toEqual([]);
    expect([one.embeddings.ids.length, one.embeddings.width]).toEqual([2420, 256]);
    expect(
      Buffer.from(one.embeddings.vectors.buffer).equals(Buffer.from(two.embeddings.vectors.buffer)),
    ).toBe(true);
    const squares = new Float64Array(256);
    for (const [at, value] of one.embeddings.vectors.entries()) squares[at % 256] += value * value;
    for (let k = 1; k < 256; k++) expect(squares[k]).toBeLessThanOrEqual(squares[k - 1] * (1 + 1e-5));
    // 1283.5 is the squared norm that the best 256 columns keep, by 40 power iterations.
    expect(squares.reduce((sum, value) => sum + value, 0) / 1283.5).toBeGreaterThan(0.993);
  });

  test('puts ink cartridges next to ink cartridges', async () => {
    const { ids, texts } = await catalogue();
    const { embeddings } = await lexicalEmbeddings(ids, texts);
    const { vectors, width } = embeddings;
    const row = (n: number): Float32Array => vectors.subarray(n * width, (n + 1) * width);
    const cosine = (a: Float32Array, b: Float32Array): number => {
      const dot = a.reduce((sum, value, k) => sum + value * b[k], 0);
      return dot / Math.sqrt(a.reduce((s, v) => s + v * v, 0) * b.reduce((s, v) => s + v * v, 0));
    };
    // One text in 20 says so, so 0.05 of the neighbours would by chance.
    const cartridges = texts
      .flatMap((text, n) => (/ink cartridge/i.test(text) ? [n] : []))
      .filter((_, n) => n % 4 === 0);
    const share = cartridges.map((n) => {
      const others = texts.map((_, m) => m).filter((m) => m !== n);
      const near = others
        .map((m) => ({ m, similarity: cosine(row(n), row(m)) }))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, 5);
      return near.filter(({ m }) => /ink cartridge/i.test(texts[m])).length / 5;
    });
    expect(share.reduce((sum, value) => sum + value, 0) / share.length).toBeGreaterThan(0.8);
  });
});
