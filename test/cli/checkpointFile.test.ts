import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CheckpointFile } from '../../src/cli/checkpointFile.ts';
import type { Checkpoint } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'llminit-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The state after so many batches of the first epoch. */
const at = (batch: number): Checkpoint => ({
  ...{ fingerprint: {}, epoch: 1, batch, steps: batch, lossSum: 0, history: [], best: null, model: {} },
});

it('goes on from what it saved, and replaces an earlier checkpoint where it is not asked to go on', async () => {
  const path = join(folder, 'run.ckpt');
  const first = await CheckpointFile.open(path, false);
  await first.save(at(1));
  await first.save(at(2));
  expect((await CheckpointFile.open(path, true)).resume).toMatchObject({ batch: 2 });
  await (await CheckpointFile.open(path, false)).save(at(1));
  expect((await CheckpointFile.open(path, true)).resume).toMatchObject({ batch: 1 });
});

it('replaces no file of another kind', async () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'notes');
  await expect(CheckpointFile.open(path, false)).rejects.toThrow(/received a file of another kind/);
  writeFileSync(path, '');
  await CheckpointFile.open(path, false);
});

it('never replaces the state of another process that came in between', async () => {
  const path = join(folder, 'shared.ckpt');
  const [one, other] = [await CheckpointFile.open(path, false), await CheckpointFile.open(path, false)];
  await one.save(at(7));
  const before = readFileSync(path);
  await expect(other.save(at(1))).rejects.toThrow(/another process has written since/);
  expect(readFileSync(path)).toEqual(before);
  await one.save(at(8));
});
