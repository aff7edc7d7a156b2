import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as node from '../../src/node.ts';
import type { Call } from './wrong.ts';

const OPTIONS = 'none {} bare';

/** A folder in which wrong paths are tried; whoever makes it removes it. */
export const folder = mkdtempSync(join(tmpdir(), 'llminit-arguments-'));
const file = join(folder, 'a.txt');
writeFileSync(file, 'a');
const table = join(folder, 'table.csv');
writeFileSync(table, 'user,item\na,x\nb,y\n');
let count = 0;
const fresh = () => join(folder, `${count++}`);
const journal = async () => (await node.FileJournal.open<object>(fresh())).journal;
/** A method of a new journal. */
const kept = (name: 'append' | 'rewrite') =>
  (async (...args: never[]) => {
    const own = await journal();
    try {
      return await (own[name] as (...args: never[]) => unknown)(...args);
    } finally {
      await own.close();
    }
  }) as Call['call'];

/** Files, folders and threads. */
export const NODE: Readonly<Record<string, Call>> = {
  directoryCache: {
    call: node.directoryCache,
    args: () => [join(folder, 'cache'), {}],
    takes: { 0: 'x', 1: OPTIONS },
  },
  directoryChatCache: {
    call: node.directoryChatCache,
    args: () => [join(folder, 'answers')],
    takes: { 0: 'x' },
  },
  withFileLock: {
    call: node.withFileLock,
    args: () => [fresh(), () => 1, {}],
    takes: { 0: 'x', 1: 'function', 2: OPTIONS },
  },
  readInteractionsWithDuckdb: {
    call: node.readInteractionsWithDuckdb,
    args: () => [table, {}],
    takes: { 1: OPTIONS },
  },
  prepareWithDuckdb: {
    call: (files: string, out: string, options: object) =>
      node.prepareWithDuckdb(files, out === 'x' ? fresh() : out, options),
    args: () => [table, fresh(), {}],
    takes: { 1: 'x', 2: OPTIONS },
  },
  openSource: { call: node.openSource, args: () => [file] },
  readBytes: { call: node.readBytes, args: () => [file] },
  writeAtomic: {
    call: node.writeAtomic,
    args: () => [fresh(), Uint8Array.of(1), {}],
    takes: { 0: 'x', 2: OPTIONS },
  },
  httpListener: {
    call: node.httpListener,
    args: () => [{ answer: async () => ({ status: 200, headers: {}, body: null }) }],
  },
  'FileJournal.open': {
    // A file x may be there: another call wrote it.
    call: async (path: string) =>
      (await node.FileJournal.open(path === 'x' ? fresh() : path)).journal.close(),
    args: () => [fresh()],
    takes: { 0: 'x' },
  },
  'FileJournal.prototype.append': {
    call: kept('append'),
    args: () => [[{ a: 1 }]],
    takes: { 0: '[] [1] [null]' },
  },
  'FileJournal.prototype.rewrite': {
    call: kept('rewrite'),
    args: () => [(record: unknown) => record],
    takes: { 0: 'function' },
  },
};
