import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataError, OptionError } from '../../src/errors.ts';
import { openSource, readBytes, writeAtomic } from '../../src/node/files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llminit-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = Uint8Array.from({ length: 600_000 }, (_, i) => i % 251);

describe('writeAtomic', () => {
  test('writes the file, replaces it, and leaves nothing else in the folder', async () => {
    const path = join(folder, 'model.safetensors');
    await writeAtomic(path, Uint8Array.of(1, 2, 3));
    await writeAtomic(path, bytes);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  test('writes names as long as the file system allows, and no longer ones', async () => {
    await writeAtomic(join(folder, 'x'.repeat(255)), bytes);
    await expect(writeAtomic(join(folder, 'x'.repeat(256)), bytes)).rejects.toThrow(/too long/);
    expect(await readdir(folder)).toEqual(['x'.repeat(255)]);
  });

  test('has an error for a path with U+0000, as readers have', async () => {
    const path = `${join(folder, 'a')}\u0000b`;
    await expect(writeAtomic(path, bytes)).rejects.toThrow(DataError);
    await expect(readBytes(path)).rejects.toThrow(/a path with the character U\+0000/);
    await expect(openSource(path).next()).rejects.toThrow(DataError);
  });

  test('replaces no device and no name of an open file', async () => {
    for (const path of ['/dev/null', '/dev/stdout', '/proc/self/fd/1'])
      await expect(writeAtomic(path, bytes), path).rejects.toThrow(/received a device or a pipe/);
  });

  test('writes pieces one after the other', async () => {
    const path = join(folder, 'model.safetensors');
    await writeAtomic(path, [bytes.subarray(0, 10), new Uint8Array(0), bytes.subarray(10)]);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    // @ts-expect-error a piece that is none
    await expect(writeAtomic(path, [bytes, 'more'])).rejects.toThrow(OptionError);
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  test('leaves an existing file as it was, and no temporary one, when it is aborted', async () => {
    const path = join(folder, 'model.safetensors');
    await writeAtomic(path, Uint8Array.of(1));
    const controller = new AbortController();
    const writing = writeAtomic(path, new Uint8Array(2 ** 25), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(writing).rejects.toThrow('enough');
    expect([...(await readFile(path))]).toEqual([1]);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  test('leaves an existing file as it was, and no temporary one, when writing fails', async () => {
    const path = join(folder, 'model.safetensors');
    await writeAtomic(path, Uint8Array.of(1));
    // @ts-expect-error no bytes: fails after the temporary file was opened
    await expect(writeAtomic(path, 42)).rejects.toThrow();
    expect([...(await readFile(path))]).toEqual([1]);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  test('refuses a folder as its target and a folder that is not there', async () => {
    await mkdir(join(folder, 'taken'));
    await expect(writeAtomic(join(folder, 'taken'), bytes)).rejects.toThrow(DataError);
    expect(await readdir(folder)).toEqual(['taken']);
    await expect(writeAtomic(join(folder, 'none', 'x'), bytes)).rejects.toThrow(/does not exist/);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'refuses a folder without permission',
    async () => {
      await chmod(folder, 0o500);
      await expect(writeAtomic(join(folder, 'x'), bytes)).rejects.toThrow(/without permission/);
      await chmod(folder, 0o700);
    },
  );

  test('two writers at once leave one whole file', async () => {
    const path = join(folder, 'x');
    await Promise.all([
      writeAtomic(path, bytes),
      writeAtomic(
        path,
        bytes.map((byte) => byte ^ 1),
      ),
    ]);
    const content = await readFile(path);
    expect(content.length).toBe(bytes.length);
    expect([0, 1]).toContain(content[0]);
    expect(content.every((byte, i) => byte === (bytes[i] ^ content[0]))).toBe(true);
  });
});

describe('reading', () => {
  test('openSource gives the bytes of the file in order, in more than one chunk', async () => {
    const path = join(folder, 'x');
    await writeFile(path, bytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of openSource(path)) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(1);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test('openSource closes the file when the consumer stops early', async () => {
    const path = join(folder, 'x');
    await writeFile(path, bytes);
    const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
    const before = await openFiles();
    for await (const chunk of openSource(path)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await openFiles()).toBe(before);
  });

  test('readBytes stops when it is aborted', async () => {
    const path = join(folder, 'x.bin');
    await writeFile(path, bytes);
    const controller = new AbortController();
    const reading = readBytes(path, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  test('readBytes gives all bytes as a plain Uint8Array', async () => {
    const path = join(folder, 'x');
    await writeFile(path, bytes);
    const read = await readBytes(path);
    expect(Buffer.isBuffer(read)).toBe(false);
    expect(Buffer.compare(read, bytes)).toBe(0);
  });

  test('a missing file and a folder are DataErrors that name the path', async () => {
    const drain = async (path: string) => {
      for await (const _ of openSource(path));
    };
    for (const read of [readBytes, drain]) {
      await expect(read(join(folder, 'none.csv'))).rejects.toThrow(/none\.csv: .*does not exist/);
      await expect(read(join(folder, 'none.csv'))).rejects.toThrow(DataError);
      await expect(read(folder)).rejects.toThrow(/received a folder/);
    }
  });
});

describe('a file named by its URL', () => {
  test('is written and read, whatever its folder is called', async () => {
    const missing = pathToFileURL(join(folder, 'my project é', 'none.bin'));
    await mkdir(join(folder, 'my project é'));
    const path = join(folder, 'my project é', 'x y.bin');
    await writeAtomic(pathToFileURL(path), bytes.subarray(0, 9));
    expect(await readdir(join(folder, 'my project é'))).toEqual(['x y.bin']);
    expect(await readBytes(pathToFileURL(path))).toEqual(bytes.subarray(0, 9));
    const chunks: Uint8Array[] = [];
    for await (const chunk of openSource(pathToFileURL(path))) chunks.push(chunk);
    expect(chunks).toEqual([Buffer.from(bytes.subarray(0, 9))]);
    await expect(readBytes(missing)).rejects.toThrow(/does not exist/);
  });

  test('is refused when it is not on this machine', async () => {
    const remote = new URL('https://example.org/model.safetensors');
    await expect(readBytes(remote)).rejects.toThrow(/file: URL, received "?https:/);
    await expect(writeAtomic(remote, bytes)).rejects.toThrow(OptionError);
    await expect(openSource(remote).next()).rejects.toThrow(OptionError);
  });
});
