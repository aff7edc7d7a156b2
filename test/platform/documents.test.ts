import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { output } from './child.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const consumer = inject('consumer');
/** The project of docs/first-steps.md, in which the samples run. */
const folder = join(consumer, 'documents');

interface Sample {
  readonly code: string;
  /** What the page says that it prints; null where it says nothing. */
  readonly printed: string | null;
}

/** Samples with an output below them; others need what is not here, or are parts. */
function samples(page: string): Sample[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  return Array.from(
    text.matchAll(/```js\n([\s\S]*?)```\n(?:```text\n([\s\S]*?)```)?/g),
    ([, code, printed]) => ({
      code,
      printed: printed ?? null,
    }),
  ).filter(({ printed }) => printed !== null);
}

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'examples/data'), join(folder, 'data'), { recursive: true });
  const [command] = /`npx llminit (train [^`]+)`/
    .exec(readFileSync(join(root, 'docs/first-steps.md'), 'utf8'))!
    .slice(1)
    .map((line) => line.replaceAll(/\s+/g, ' ').split(' '));
  const cli = join(consumer, 'node_modules/llminit/dist/cli.js');
  await output(process.execPath, [cli, ...command, '--quiet'], { cwd: folder });
});

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((page) => page.endsWith('.md') && !page.startsWith('site') && page !== 'api.md')
  .sort();

describe('the samples of docs/', () => {
  it('are there', () => {
    expect(pages.flatMap(samples).length).toBeGreaterThan(10);
  });

  for (const page of pages) {
    for (const [n, { code, printed }] of samples(page).entries()) {
      it(`${page}, sample ${n + 1}, prints what stands below it`, async () => {
        const file = join(folder, `${page.replaceAll(/\W/g, '-')}-${n}.mjs`);
        writeFileSync(file, code);
        expect(await output(process.execPath, [file], { cwd: folder, env: { NO_COLOR: '1' } })).toBe(printed);
      });
    }
  }
});
