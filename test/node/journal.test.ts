import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { DataError, FormatError } from '../../src/errors.ts';
import { crc32 } from '../../src/format/crc32.ts';
import { FileJournal } from '../../src/node/journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(path: string, records: readonly unknown[]): Promise<void> {
  const { journal } = await FileJournal.open(path);
  await Promise.all(records.map((record) => journal.append([record])));
  await journal.close();
}

it('gives back what was added, in order, over several openings', async () => {
  const path = join(folder, 'a');
  await written(path, [{ a: 1 }, 'é\n', null]);
  await written(path, [[2]]);
  const { journal, records, cutBytes } = await FileJournal.open(path);
  expect([records, cutBytes]).toEqual([[{ a: 1 }, 'é\n', null, [2]], 0]);
  await journal.close();
});

it('takes off a last line that was cut anywhere, and goes on', async () => {
  const path = join(folder, 'b');
  await written(path, [{ n: 1 }, { n: 2, text: '日本' }]);
  const whole = readFileSync(path);
  const first = whole.indexOf(0x0a) + 1;
  for (let length = first; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    const { journal, records, cutBytes } = await FileJournal.open(path);
    expect([records, cutBytes]).toEqual([[{ n: 1 }], length - first]);
    await journal.append([{ n: 3 }]);
    await journal.close();
    const again = await FileJournal.open(path);
    expect(again.records).toEqual([{ n: 1 }, { n: 3 }]);
    await again.journal.close();
  }
});

it('leaves a file of another kind as it is, also where it has one line', async () => {
  const path = join(folder, 'notes.txt');
  for (const text of ['notes', 'notes\n', '{"a":1}', 'user,item\n1,2\n']) {
    writeFileSync(path, text);
    await expect(FileJournal.open(path), text).rejects.toThrow(/expected a record with its checksum/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
  await expect(FileJournal.open('/dev/null')).rejects.toThrow(/received a device or a pipe/);
});

it('is rewritten where a link leads to, with the permissions that it has', async () => {
  const path = join(folder, 'linked');
  await written(path, [{ n: 1 }, { n: 2 }]);
  chmodSync(path, 0o600);
  symlinkSync(path, join(folder, 'link'));
  const { journal } = await FileJournal.open<{ n: number }>(join(folder, 'link'));
  await journal.rewrite((record) => (record.n === 1 ? null : record));
  await journal.close();
  const again = await FileJournal.open(path);
  expect(again.records).toEqual([{ n: 2 }]);
  await again.journal.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

/** As a disk that is full after `bytes` more bytes, once. */
async function fillDisk(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'a');
  await handle.close();
  const message = 'ENOSPC: no space left on device, write';
  const full = Object.assign(new Error(message), { code: 'ENOSPC', syscall: 'write' });
  const partly = async function (this: FileHandle, lines: string) {
    await this.write(Buffer.from(lines).subarray(0, bytes));
    throw full;
  };
  vi.spyOn(Object.getPrototypeOf(handle), 'appendFile').mockImplementationOnce(partly as never);
}

it('takes back what stands of a record when the disk is full, says so, and goes on once there is room', async () => {
  const path = join(folder, 'full');
  await written(path, [{ n: 1 }]);
  const before = readFileSync(path);
  const { journal } = await FileJournal.open(path);
  for (const bytes of [0, 1, 12, 17]) {
    await fillDisk(path, bytes);
    const adding = journal.append([{ text: '日本' }]);
    await expect(adding).rejects.toThrow(DataError);
    await expect(adding).rejects.toThrow(/received a full disk/);
    expect(readFileSync(path)).toEqual(before);
  }
  vi.restoreAllMocks();
  await journal.append([{ n: 2 }]);
  await journal.close();
  const again = await FileJournal.open(path);
  expect([again.records, again.cutBytes]).toEqual([[{ n: 1 }, { n: 2 }], 0]);
  await again.journal.close();
});

it('refuses a line that was changed in the middle, and leaves the file as it is', async () => {
  const path = join(folder, 'c');
  await written(path, [{ n: 1 }, { n: 2 }]);
  const text = readFileSync(path, 'utf8').replace('"n":1', '"n":7');
  writeFileSync(path, text);
  await expect(FileJournal.open(path)).rejects.toThrow(/c:1: expected a record with its checksum/);
  expect(readFileSync(path, 'utf8')).toBe(text);
  appendFileSync(path, 'more');
  await expect(FileJournal.open(path)).rejects.toThrow(/c:1:/);
});

it('is rewritten without some records, and takes others meanwhile', async () => {
  const path = join(folder, 'd');
  await written(path, [1, 2, 3]);
  const { journal } = await FileJournal.open<number>(path);
  const rewriting = journal.rewrite((n) => (n === 2 ? null : n * 10));
  await Promise.all([rewriting, journal.append([4])]);
  await journal.append([5]);
  expect(await journal.read()).toEqual([10, 30, 4, 5]);
  await journal.close();
});

it('records that are added while an earlier flush ends and a rewrite begins are all kept', async () => {
  const path = join(folder, 'turns');
  const { journal } = await FileJournal.open<number>(path);
  const work: Promise<unknown>[] = [];
  for (let n = 0; n < 400; n++) {
    work.push(journal.append([n]));
    if (n % 10 === 9) work.push(journal.rewrite((record) => (record === n - 1 ? null : record)));
    if (n % 7 === 0) work.push(journal.read());
    // Between two turns of the loop the disk ends some of it.
    if (n % 3 === 0) await new Promise((resume) => setTimeout(resume, 0));
  }
  await Promise.all(work);
  const left = Array.from({ length: 400 }, (_, n) => n).filter((n) => n % 10 !== 8);
  expect(await journal.read()).toEqual(left);
  await journal.close();
});

/** A line with a true checksum, whatever it holds. */
const crafted = (text: string) =>
  `${crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0')} ${text}\n`;

it.each([
  ['no JSON', '{"a":', /expected JSON, received/],
  ['JSON that nests 5,000 deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, /nests at most 64 deep/],
  ['nothing', '', /expected JSON, received/],
])('refuses a record with a true checksum that holds %s', async (_, text, message) => {
  const path = join(folder, 'crafted');
  writeFileSync(path, crafted('{"n":1}') + crafted(text) + crafted('{"n":2}'));
  const opened = FileJournal.open(path);
  await expect(opened).rejects.toThrow(FormatError);
  await expect(opened).rejects.toThrow(message);
  await expect(opened).rejects.toThrow(/crafted:2/);
});

it('a journal that is a folder is refused', async () => {
  await expect(FileJournal.open(folder)).rejects.toThrow(
    /expected a journal that can be read, received a folder/,
  );
});
