import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embedInBatches } from '../../src/embed/batches.ts';
import type { EmbeddedRow, Embedder } from '../../src/embed/embedder.ts';
import { toAiSdkModel } from '../../src/embed/foreign/aiSdk.ts';
import { toEmbedder } from '../../src/embed/foreign/toEmbedder.ts';

/** An embedder under test, and what to close afterwards. */
export interface EmbedderUnderTest {
  readonly embedder: Embedder;
  readonly close?: () => Promise<void> | void;
}

/** Texts that share words, so that lexical vectors have something to go by; the ids are those of vector files. */
export const TEXTS: readonly string[] = Object.freeze([
  'red ink pen for the office',
  'blue ink pen, large set',
  'oak desk for the home office',
  'oak desk lamp, small',
  'red lamp for the home',
]);
export const IDS: readonly string[] = Object.freeze(TEXTS.map((_, n) => `item${n}`));

/** What every embedder promises, whatever it is made of. */
export function describeEmbedderContract(name: string, open: () => Promise<EmbedderUnderTest>): void {
  describe(`the contract of embedders: ${name}`, () => {
    let opened: EmbedderUnderTest;
    let embedder: Embedder;
    let rows: readonly EmbeddedRow[];
    beforeAll(async () => {
      opened = await open();
      embedder = opened.embedder;
      rows = await embedder.embed(TEXTS, { ids: IDS });
    });
    afterAll(() => opened.close?.());

    test('it has a name', () => {
      expect(embedder.id).toMatch(/\S/);
    });

    test('gives every text a row of numbers, all of one width, the one it names if it names one', () => {
      expect(rows).toHaveLength(TEXTS.length);
      const widths = new Set(rows.map((row) => row?.length));
      expect(widths.size).toBe(1);
      expect(embedder.width ?? rows[0]!.length).toBe(rows[0]!.length);
      for (const row of rows) expect(Array.from(row!).every(Number.isFinite)).toBe(true);
    });

    test('tells the texts apart', () => {
      for (let i = 0; i < rows.length; i++)
        for (let j = 0; j < i; j++) expect(distance(rows[i], rows[j])).toBeGreaterThan(1e-4);
    });

    test('gives the same rows again', async () => {
      expect(await embedder.embed(TEXTS, { ids: IDS })).toEqual(rows);
    });

    test('keeps rows with their texts when these come in another order', async () => {
      const order = [3, 0, 4, 2, 1];
      const again = await embedder.embed(
        order.map((n) => TEXTS[n]),
        { ids: order.map((n) => IDS[n]) },
      );
      // Inner products, since the coordinates of a catalogue's vectors turn with the order of its texts.
      for (const [i, m] of order.entries())
        for (const [j, n] of order.entries())
          expect(dot(again[i], again[j])).toBeCloseTo(dot(rows[m], rows[n]), 4);
    });

    test('gives a text the same row alone, unless it says that rows depend on the catalogue', async () => {
      if (embedder.dependsOn === 'catalogue') return;
      for (const n of [0, 3]) {
        const [alone] = await embedder.embed([TEXTS[n]], { ids: [IDS[n]] });
        expect(distance(alone, rows[n])).toBeLessThan(1e-5);
      }
    });

    test('rejects a call whose signal has fired, with its reason', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(embedder.embed(TEXTS, { ids: IDS, signal })).rejects.toThrow('enough');
    });

    test('goes through embedInBatches with batches of two: same rows, by id', async () => {
      const { ids, width, vectors, source } = await embedInBatches(TEXTS, embedder, {
        ids: IDS,
        batchSize: 2,
      });
      expect([ids, source]).toEqual([IDS, embedder.id]);
      for (const n of TEXTS.keys())
        expect(distance(vectors.subarray(n * width, (n + 1) * width), rows[n])).toBeLessThan(1e-5);
    });

    test('stays what it is in the shape of the AI SDK and back', async () => {
      if (embedder.dependsOn === 'id') return;
      const again = await toEmbedder(toAiSdkModel(embedder)).embed(TEXTS);
      for (const n of TEXTS.keys()) expect(distance(again[n], rows[n])).toBeLessThan(1e-5);
    });
  });
}

function distance(a: EmbeddedRow, b: EmbeddedRow): number {
  expect(a!.length).toBe(b!.length);
  return Math.max(...Array.from(a!, (value, n) => Math.abs(value - b![n])));
}

function dot(a: EmbeddedRow, b: EmbeddedRow): number {
  return Array.from(a!).reduce((sum, value, n) => sum + value * b![n], 0);
}
