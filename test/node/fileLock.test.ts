import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { withFileLock } from '../../src/node/fileLock.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lets many read, change and write one file without a lost change', async () => {
  const path = join(folder, 'count');
  writeFileSync(path, '0');
  const add = () =>
    withFileLock(path, async () => {
      const before = Number(readFileSync(path, 'utf8'));
      await delay(1);
      writeFileSync(path, String(before + 1));
    });
  await Promise.all(Array.from({ length: 12 }, add));
  expect(readFileSync(path, 'utf8')).toBe('12');
  expect(readdirSync(folder)).toEqual(['count']);
});

it('takes over the lock of a process that has ended, and lets go after an error', async () => {
  const path = join(folder, 'left');
  writeFileSync(`${path}.lock`, `999999999@${hostname()}\n`);
  await expect(withFileLock(path, () => Promise.reject(new Error('job')))).rejects.toThrow('job');
  expect(await withFileLock(path, async () => 'free')).toBe('free');
});

it('waits for a living process until it is told to stop', async () => {
  const path = join(folder, 'held');
  writeFileSync(`${path}.lock`, `${process.ppid}@${hostname()}\n`);
  let waits = 0;
  const signal = AbortSignal.timeout(250);
  const waiting = withFileLock(path, async () => 'never', { signal, onWait: () => waits++ });
  await expect(waiting).rejects.toThrow(/timeout/i);
  expect(waits).toBe(1);
});

it('leaves a file as it is that is no lock', async () => {
  const path = join(folder, 'own');
  writeFileSync(`${path}.lock`, 'my notes\n');
  await expect(withFileLock(path, async () => 'never')).rejects.toThrow(/expected a lock file/);
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe('my notes\n');
});

it('is one lock for a file and a link to it', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  symlinkSync(path, join(folder, 'linkToFile'));
  const order: string[] = [];
  await withFileLock(path, async () => {
    const other = withFileLock(join(folder, 'linkToFile'), async () => void order.push('second'));
    await delay(50);
    order.push('first');
    return [other];
  }).then(([other]) => other);
  expect(order).toEqual(['first', 'second']);
});
