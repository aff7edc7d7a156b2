import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { output } from './child.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-cells-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const dist = (name: string) => JSON.stringify(resolve('dist', name));

const LENGTH = 4 * 2 ** 20;
/** Most bytes of memory that a byte of such a cell may take while it is read. */
const PER_BYTE = 24;
/** An engine's own memory differs by so much from run to run. */
const SPREAD = 16 * 2 ** 20;

const letters = (length: number) =>
  Array.from({ length }, (_, n) => 'abcdefghijklmnopqrstuvwxyz'[(n * 7919 + (n >> 3)) % 26]).join('');
const long = letters(LENGTH);
const interactions = (path: string) => `readInteractions(openSource(${path}), { name: 'x' })`;
const catalogue = (path: string) => `readCatalogue(openSource(${path}), { name: 'x' })`;
const lexical = (path: string) =>
  `${catalogue(path)}.then(({ catalogue }) => lexicalEmbeddings(catalogue.ids, catalogue.texts))`;

const FILES: Readonly<Record<string, [read: (path: string) => string, text: (cell: string) => string]>> = {
  'an id of a CSV file': [interactions, (cell) => `user,item\nu1,i1\n${cell},i2\n`],
  'a quoted id': [interactions, (cell) => `user,item\nu1,i1\n"${cell}",i2\n`],
  'a cell with doubled quotes': [
    interactions,
    (cell) => `user,item\nu1,i1\n"${'ab""'.repeat(cell.length / 4)}",i2\n`,
  ],
  'a cell that is not read': [interactions, (cell) => `user,item,x\nu1,i1,a\nu2,i2,${cell}\n`],
  'an id of JSON lines': [interactions, (cell) => `{"user":"u","item":"i"}\n{"user":"${cell}","item":"j"}\n`],
  'an id of Python dicts': [
    interactions,
    (cell) => `{'user':'u','item':'i'}\n{'user':'${cell}','item':'j'}\n`,
  ],
  'a text with escapes in a Python dict': [
    interactions,
    (cell) => `{'user':'u','item':'i'}\n{'user':'${"\\'ab".repeat(cell.length / 4)}','item':'j'}\n`,
  ],
  'a title': [catalogue, (cell) => `item_id,title\ni1,a\ni2,${cell}\n`],
  'a word in lexical vectors': [lexical, (cell) => `item_id,title\ni1,red pen\ni2,${cell}\ni3,red bag\n`],
};

test.each(Object.entries(FILES))(
  '%s of megabytes takes memory in proportion to its length',
  async (name, [read, text]) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.txt`);
    const peak = async (cell: string) => {
      writeFileSync(path, text(cell));
      const code = `
      import { lexicalEmbeddings, readCatalogue, readInteractions } from ${dist('index.js')};
      import { openSource } from ${dist('node.js')};
      await ${read(JSON.stringify(path))};
      console.log(process.resourceUsage().maxRSS * 1024);`;
      return Number(await output(process.execPath, ['--input-type=module', '-e', code]));
    };
    const added = (await peak(long)) - (await peak(letters(4)));
    expect(added).toBeLessThan(PER_BYTE * LENGTH + SPREAD);
  },
);
