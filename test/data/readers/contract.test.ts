import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectFormat, FORMATS, TEXT_FORMAT_ENTRIES } from '../../../src/data/readers/formats.ts';
import {
  type ReadInteractionsOptions,
  readInteractions,
} from '../../../src/data/readers/readInteractions.ts';
import type { Source } from '../../../src/data/readers/source.ts';

/** Formats that are never told by themselves: their files look like another's. */
const NAMED_ONLY = ['wide', 'baskets', 'tsv'];

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function pairsOf(source: Source, options: ReadInteractionsOptions = {}): Promise<string[]> {
  const { interactions } = await readInteractions(source, options);
  const { users, items, userIds, itemIds } = interactions;
  return Array.from(users, (user, n) => `${userIds[user]} ${itemIds[items[n]]}`);
}

async function* bytewise(bytes: Uint8Array) {
  for (let n = 0; n < bytes.length; n++) yield bytes.slice(n, n + 1);
}

it('lists every format once', () => {
  expect(new Set(FORMATS).size).toBe(FORMATS.length);
  expect([...FORMATS].sort()).toEqual([...TEXT_FORMAT_ENTRIES.map(({ name }) => name), 'parquet'].sort());
});

describe.each(TEXT_FORMAT_ENTRIES.map((entry) => [entry.name, entry] as const))(
  '%s',
  (format, { example, endings }) => {
    it('reads its example, and says what it was', async () => {
      const { interactions, report } = await readInteractions(bytesOf(example), { format });
      expect(interactions.length).toBeGreaterThanOrEqual(2);
      expect(report).toMatchObject({ badLineCount: 0 });
      expect(report.layout).not.toBe('');
    });

    it('is told by its beginning, or has to be named', async () => {
      if (NAMED_ONLY.includes(format)) return;
      expect(await pairsOf(bytesOf(example))).toEqual(await pairsOf(bytesOf(example), { format }));
    });

    it('reads the same however the bytes come: cut anywhere, packed, with CRLF and a byte order mark', async () => {
      const pairs = await pairsOf(bytesOf(example), { format });
      const crlf = example.replaceAll('\n', '\r\n');
      for (const source of [
        bytewise(bytesOf(example)),
        example,
        new Uint8Array(gzipSync(example)),
        bytesOf(crlf),
        bytesOf(`\ufeff${example}`),
        bytesOf(example.trimEnd()),
      ])
        expect(await pairsOf(source, { format })).toEqual(pairs);
    });

    it('is what its endings stand for', () => {
      for (const ending of endings) expect(detectFormat(`data.${ending}`)).toBe(format);
    });

    it('refuses an empty file, and what is none of it, by an error of the package', async () => {
      for (const text of ['', '\n\n', '\u0001\u0002']) {
        await expect(readInteractions(bytesOf(text), { format })).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_LLMINIT_(FORMAT|DATA|UNSUPPORTED)$/),
        });
      }
    });
  },
);
