import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { directoryChatCache } from '../../src/node/chatCache.ts';

const KEY = 'ab'.repeat(32);
const REPLY = { text: 'yes\n"é"', promptTokens: 3, answerTokens: null };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llminit-chat-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('keeps answers in files that another cache on the folder finds', async () => {
  const cache = directoryChatCache(join(folder, 'new', 'one'));
  expect(await cache.get(KEY)).toBeUndefined();
  await cache.set(KEY, REPLY);
  const other = directoryChatCache(pathToFileURL(join(folder, 'new', 'one')));
  expect(await other.get(KEY)).toEqual(REPLY);
  expect(readdirSync(join(folder, 'new/one/ab'))).toEqual([`${KEY}.json`]);
});

test.each(['', '{"key":"ab', '{"key":"other","text":"no"}', 'null'])(
  'a file with %j is passed over, and written anew',
  async (content) => {
    const cache = directoryChatCache(folder);
    await cache.set(KEY, REPLY);
    writeFileSync(join(folder, 'ab', `${KEY}.json`), content);
    expect(await cache.get(KEY)).toBeUndefined();
    await cache.set(KEY, REPLY);
    expect(await cache.get(KEY)).toEqual(REPLY);
  },
);

test('a folder that cannot be made is named', async () => {
  writeFileSync(join(folder, 'file'), '');
  const cache = directoryChatCache(join(folder, 'file'));
  await expect(cache.set(KEY, REPLY)).rejects.toThrow(DataError);
  await expect(cache.get(KEY)).rejects.toThrow(DataError);
});
