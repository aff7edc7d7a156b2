import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import { FormatError } from '../errors.ts';
import { crc32 } from '../format/crc32.ts';
import { parseJson } from '../format/json.ts';
import { argument, arrayOf, checkArgument, FUNCTION, TEXT } from '../options/arguments.ts';
import { assertReplaceable, fileError, resolvedPath, writeAtomic } from './files.ts';

/** What JSON has a way to write. */
const RECORDS = arrayOf(
  'a list of records that JSON can hold',
  argument('a record', (value) => !['undefined', 'function', 'symbol', 'bigint'].includes(typeof value)),
);

/**
 * A file that records are added to and that survives a kill at any moment: one record a line, its CRC-32 in eight
 * hexadecimal digits, a blank, and its JSON. A record is acknowledged after it is on the disk.
 *
 * @example
 * const recommender = await Recommender.open(await readBytes('model.safetensors'));
 * const { journal, records } = await FileJournal.open<JournalRecord>('events.jsonl');
 * replay(recommender, records);
 * const handler = createHandler(recommender, { journal });
 */
export class FileJournal<T> {
  readonly #path: string;
  #file: FileHandle;
  #waiting: {
    readonly lines: string;
    readonly done: () => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  /** Ends when everything that was asked for so far is done: one thing at a time has the file. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a journal, or makes an empty one. One process at a time may have it open: see `withFileLock`.
   * @returns the journal, the records that were there in their order, and the bytes of a last line that a kill has cut,
   *   which are taken off
   * @throws {FormatError} when a line is damaged that is not the last one, or does not begin as a record: it was not cut by a kill; when
   *   a record is no JSON, or nests deeper than 64 levels
   * @throws {DataError} for a device or a pipe, and where permission is lacking
   */
  static async open<T>(path: string): Promise<{ journal: FileJournal<T>; records: T[]; cutBytes: number }> {
    checkArgument(TEXT, path, 'path', 'FileJournal.open');
    await assertReplaceable(path, path);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return new Uint8Array(0);
      throw fileError(error, path, 'a journal that can be read');
    });
    const { records, end } = parsed<T>(bytes, path);
    if (end < bytes.length) await truncate(path, end);
    const file = await open(path, 'a').catch((error) => {
      throw fileError(error, path, 'a journal that can be added to');
    });
    return {
      // A link goes on leading to the file when that is rewritten.
      journal: new FileJournal<T>(await resolvedPath(path), file),
      records,
      cutBytes: bytes.length - end,
    };
  }

  /** Adds records; resolves when they are on the disk. Calls that come while the disk is busy share one flush. */
  async append(records: readonly T[]): Promise<void> {
    checkArgument(RECORDS, records, 'records', 'FileJournal.append');
    return new Promise((done, failed) => {
      // The flush that the first of those who wait asked for takes the others along.
      if (this.#waiting.push({ lines: records.map(lineOf).join(''), done, failed }) === 1)
        void this.#inTurn(() => this.#flush());
    });
  }

  /** All records that are on the disk. */
  read(): Promise<T[]> {
    return this.#inTurn(async () => parsed<T>(await readFile(this.#path), this.#path).records);
  }

  /**
   * Replaces every record by what `change` gives, or leaves it out where that is null. The file is there as a whole at any
   * moment, the old one or the new one; records that are added meanwhile come behind.
   */
  async rewrite(change: (record: T) => T | null): Promise<void> {
    checkArgument(FUNCTION, change, 'change', 'FileJournal.rewrite');
    return this.#inTurn(() => this.#rewrite(change));
  }

  /** What `job` gives, begun when all that was asked for before has ended. */
  #inTurn<R>(job: () => Promise<R>): Promise<R> {
    const result = this.#last.then(job);
    this.#last = result.catch(() => {});
    return result;
  }

  async #rewrite(change: (record: T) => T | null): Promise<void> {
    const { records } = parsed<T>(await readFile(this.#path), this.#path);
    const kept = records.map(change).filter((record) => record !== null);
    await writeAtomic(this.#path, new TextEncoder().encode(kept.map(lineOf).join('')));
    const before = this.#file;
    this.#file = await open(this.#path, 'a');
    await before.close();
  }

  /** Waits for what is under way and closes the file. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#file.close());
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#add(batch.map(({ lines }) => lines).join(''));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
  }

  /** Adds lines, or nothing: half of them would stand before the next ones. @throws {DataError} on a full disk */
  async #add(lines: string): Promise<void> {
    const { size } = await this.#file.stat();
    try {
      await this.#file.appendFile(lines);
      await this.#file.datasync();
    } catch (error) {
      await this.#file.truncate(size).catch(() => {});
      throw fileError(error, this.#path, 'a journal that can be added to');
    }
  }
}

function lineOf(record: unknown): string {
  const text = JSON.stringify(record);
  return `${checksum(text)} ${text}\n`;
}

function checksum(text: string): string {
  return crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
}

/** What may be left of a record after a kill or a power cut, which may leave zeros where nothing was written yet. */
const BEGINNING = /^[0-9a-f]{0,8}($|\0)|^[0-9a-f]{8} /;

/** The whole lines, and where they end. */
function parsed<T>(bytes: Uint8Array, path: string): { records: T[]; end: number } {
  const records: T[] = [];
  let end = 0;
  for (let number = 1; end < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, end);
    const line = new TextDecoder().decode(bytes.subarray(end, newline < 0 ? bytes.length : newline));
    const whole = newline >= 0 && line.slice(0, 8) === checksum(line.slice(9));
    if (!whole) {
      if ((newline < 0 || newline === bytes.length - 1) && BEGINNING.test(line)) break;
      const problem = `expected a record with its checksum, received ${line.slice(0, 40)}`;
      throw new FormatError(
        `${path}:${number}`,
        problem,
        'The file was edited or damaged: restore it, or cut it here',
      );
    }
    records.push(parseJson(line.slice(9), `${path}:${number}`) as T);
    end = newline + 1;
  }
  return { records, end };
}
