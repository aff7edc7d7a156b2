import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { output } from './child.ts';
import { PGVECTOR, PgvectorServer } from './pgvectorServer.ts';
import { PYTHON, TORCH } from './python.ts';
import { describeOn } from './tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/outgrowing.md'), 'utf8');

/** The commands of a section. */
function commands(title: string): string {
  const [, section] = page.split(`\n## ${title}\n`);
  return Array.from(section.split('\n## ')[0].matchAll(/```sh\n([\s\S]*?)```/g), ([, text]) => text).join('');
}

describeOn('the commands of docs/outgrowing.md', [PYTHON, TORCH, PGVECTOR], () => {
  const folder = join(inject('consumer'), 'outgrowing');
  const programs = join(folder, 'programs');
  let server: PgvectorServer;

  beforeAll(async () => {
    mkdirSync(programs, { recursive: true });
    cpSync(join(root, 'examples/data'), join(folder, 'data'), { recursive: true });
    server = await PgvectorServer.start();
    const cli = join(inject('consumer'), 'node_modules/llminit/dist/cli.js');
    const shims = {
      llminit: `exec "${process.execPath}" "${cli}" "$@"`,
      python3: `exec ${PYTHON} "$@"`,
      psql: `[ "$1" = -f ] && exec ${server.psqlCommand.join(' ')} < "$2"`,
    };
    for (const [name, line] of Object.entries(shims)) {
      writeFileSync(join(programs, name), `#!/bin/sh\n${line}\n`);
      chmodSync(join(programs, name), 0o755);
    }
  }, 120_000);
  afterAll(() => server?.stop());

  const run = (title: string) => {
    const env = { PATH: `${programs}${delimiter}${process.env.PATH}`, NO_COLOR: '1' };
    return output('sh', ['-ec', commands(title)], { cwd: folder, env, timeoutMs: 200_000 });
  };

  it('train with PyTorch, and recommend by what came back', async () => {
    expect(await run('Training with PyTorch')).toMatch(
      /wrote factors.safetensors[\s\S]*test, \d+ users:[\s\S]*b\d\d/,
    );
  }, 200_000);

  it('load PostgreSQL, where each kept column can be a filter', async () => {
    await run('Serving from PostgreSQL');
    expect(server.psql('SELECT count(*) FROM llminit.items WHERE price < 20').stdout).toMatch(/^[1-9]/);
    const history = readFileSync(join(folder, 'shop/history.sql'), 'utf8');
    for (const filter of ['"shelf"', '"price" < 20']) expect(history).toContain(filter);
  }, 200_000);

  it('bring factors back, with titles and what users have', async () => {
    expect(await run('Factors from elsewhere')).toMatch(
      /24 items, \d+ users, dim 8\nwrote again.safetensors/,
    );
  }, 200_000);
});
