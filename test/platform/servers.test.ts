import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { output } from './child.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn, toolPath } from './tools.ts';

const cwd = inject('consumer');
const DENO = toolPath('deno/deno');
/** No downloads: everything comes from node_modules. No permission but to run. */
const DENO_RUN = ['run', '--no-remote', '--cached-only', '--no-prompt'];

function node(path: string, version: RegExp): void {
  it('gives the bytes of the reference', async () => {
    expect(await output(path, ['--version'])).toMatch(version);
    expectReference(await output(path, ['main.mjs'], { cwd }));
  });

  it('gives them with two threads', async () => {
    expectReference(await output(path, ['main.mjs', '2'], { cwd }), 2);
  });

  it('runs the command line on a model of an earlier version', async () => {
    const model = fileURLToPath(new URL('../fixtures/v1/model.safetensors', import.meta.url));
    const args = [join(cwd, 'node_modules/llminit/dist/cli.js'), 'recommend', model];
    const { items } = JSON.parse(await output(path, [...args, '--user', 'u1', '-k', '2', '--json'], { cwd }));
    expect(items.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2]);
    expect(await output(path, [...args, '--history', 'rye,kettle'], { cwd })).toContain('The ');
  });
}

describe(`Node ${process.version}, which runs these tests`, () => node(process.execPath, /^v\d+/));
describeOn('Node 22', [toolPath('node22/bin/node')], () => node(toolPath('node22/bin/node'), /^v22\./));
describeOn('Node 24', [toolPath('node24/bin/node')], () => node(toolPath('node24/bin/node'), /^v24\./));

describeOn('Deno', [DENO], () => {
  it('gives the bytes of the reference from node_modules, without any permission', async () => {
    expectReference(await output(DENO, [...DENO_RUN, 'main.mjs'], { cwd }));
  });

  it('gives them with two threads', async () => {
    expectReference(await output(DENO, [...DENO_RUN, 'main.mjs', '2'], { cwd }), 2);
  });

  it('gives them through an npm: specifier', async () => {
    expectReference(await output(DENO, [...DENO_RUN, 'npmSpecifier.mjs'], { cwd }));
  });

  it('gives them from the files of the package alone, as an import by URL would', async () => {
    const folder = join(cwd, '..', 'deno-files');
    mkdirSync(folder, { recursive: true });
    cpSync(join(cwd, 'node_modules/llminit/dist'), join(folder, 'dist'), { recursive: true });
    cpSync(join(cwd, 'scenario.mjs'), join(folder, 'scenario.mjs'));
    cpSync(join(cwd, 'byPath.mjs'), join(folder, 'byPath.mjs'));
    expectReference(await output(DENO, [...DENO_RUN, '--no-config', 'byPath.mjs'], { cwd: folder }));
  });
});

describeOn('Bun', [toolPath('bun/bin/bun.exe')], () => {
  const bun = toolPath('bun/bin/bun.exe');

  it('gives the bytes of the reference', async () => {
    expectReference(await output(bun, ['run', 'main.mjs'], { cwd }));
  });

  it('computes with one thread when two are asked for', async () => {
    expectReference(await output(bun, ['run', 'main.mjs', '2'], { cwd }));
  });
});
