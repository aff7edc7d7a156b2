import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { exportedNames, writeExamples } from './exampleFiles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'build/examples');
const exported = exportedNames(root);
const paths = writeExamples(root, folder, exported);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Examples that ask a service, download a model, or need what a page or a Worker has; they are compiled. */
const NOT_RUN = new Set(
  readFileSync(new URL('notRun.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== ''),
);

describe('the examples of the reference', () => {
  it('stand at every export of every entry', () => {
    const without = exported.filter(({ examples }) => examples.length === 0);
    expect(without.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
  });

  it('are TypeScript that compiles', () => {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '--noEmit', '-p', folder], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  }, 180_000);

  it('that are not run are there', () => {
    expect([...NOT_RUN].filter((title) => !paths.has(title))).toEqual([]);
  });

  for (const [title, path] of paths)
    it.runIf(!NOT_RUN.has(title))(`run and give what they say: ${title}`, async () => {
      await import(/* @vite-ignore */ path);
    });
});
