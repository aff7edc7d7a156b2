import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { output, start } from './child.ts';
import { expectBread, expectServed } from './exampleAnswers.ts';
import { servePages } from './pages.ts';
import { describeOn, toolPath } from './tools.ts';

const consumer = inject('consumer');
const llminit = join(consumer, 'node_modules/llminit/dist/cli.js');
const esbuild = fileURLToPath(new URL('../../node_modules/esbuild', import.meta.url));

/** A new project whose packages are installed: the packed one, and those of `tools`, folders that its package.json asks for. */
async function created(name: string, tools: readonly string[] = []): Promise<string> {
  const folder = join(consumer, `starter ${name}`);
  const text = await output(process.execPath, [llminit, 'new', name, folder], { cwd: consumer });
  expect(text).toContain(`$ cd ${folder}`);
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  // A copy: Node looks for packages from where a file really is.
  cpSync(join(consumer, 'node_modules/llminit'), join(folder, 'node_modules/llminit'), { recursive: true });
  symlinkSync('../llminit/dist/cli.js', join(folder, 'node_modules/.bin/llminit'));
  for (const tool of tools) symlinkSync(tool, join(folder, 'node_modules', basename(tool)));
  return folder;
}

/** What a person runs: `npm run train`, `npm test`. */
async function trainAndTest(folder: string): Promise<string> {
  await output('npm', ['run', 'train', '--silent'], { cwd: folder });
  return output('npm', ['test', '--silent'], { cwd: folder, timeoutMs: 60_000 });
}

describeOn('llminit new', [], () => {
  it('writes a server on Node that trains and passes its tests', async () => {
    expect(await trainAndTest(await created('node'))).toMatch(/fail 0/);
  });

  it('writes a route for Vercel that trains and passes its tests', async () => {
    expect(await trainAndTest(await created('vercel'))).toMatch(/fail 0/);
  });

  it('names its own version', () => {
    const { version } = JSON.parse(
      readFileSync(join(consumer, 'node_modules/llminit/package.json'), 'utf8'),
    ) as { version: string };
    const manifest = readFileSync(join(consumer, 'starter node/package.json'), 'utf8');
    expect(manifest).toContain(`"llminit": "^${version}"`);
  });
});

describeOn('llminit new cloudflare', [toolPath('miniflare'), toolPath('workerd')], () => {
  it('writes a Worker that trains, carries its model and passes its tests', async () => {
    const folder = await created('cloudflare', [toolPath('miniflare'), esbuild]);
    expect(await trainAndTest(folder)).toMatch(/fail 0/);
  });
});

describeOn('llminit new deno', [toolPath('deno/deno')], () => {
  it('writes a project that trains and passes its tests', async () => {
    const folder = await created('deno');
    const PATH = [dirname(toolPath('deno/deno')), process.env.PATH].join(delimiter);
    const env = { PATH, DENO_NO_UPDATE_CHECK: '1' };
    // The package is not fetched: it lies in node_modules.
    const flags = ['--node-modules-dir=manual', '--allow-read', '--allow-write'];
    await output('deno', ['run', ...flags, 'train.ts'], { cwd: folder, env });
    expect(readdirSync(folder)).toContain('model.safetensors');
    expect(await output('deno', ['test', ...flags], { cwd: folder, env })).toMatch(/1 passed/);

    const recommend = ['run', ...flags, 'recommend.ts', 'model.safetensors', 'b01', 'b02'];
    const lines = (await output('deno', recommend, { cwd: folder, env })).trim().split('\n');
    expectBread(lines.map((line) => ({ id: line.split('\t')[0], title: line.split('\t')[2] })));
    const serve = ['run', ...flags, '--allow-net', 'serve.ts', 'model.safetensors', '0'];
    await expectServed(start('deno', serve, { cwd: folder, env }));
  });
});

describeOn('llminit new page', ['/usr/bin/chromium', toolPath('playwright-core'), toolPath('vite')], () => {
  it('writes a page that is built, and recommends what suits the books ticked', async () => {
    const folder = await created('page', [toolPath('vite')]);
    symlinkSync(toolPath('.bin/vite'), join(folder, 'node_modules/.bin/vite'));
    expect(await trainAndTest(folder)).toMatch(/fail 0/);
    const pages = await servePages(join(folder, 'dist'));
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(pages.url('plain', 'index.html'));
      await page.locator('input[value=b01]').check();
      await page.locator('input[value=b02]').check();
      const lines = await page.locator('#next li').allTextContents();
      expect(lines).toHaveLength(5);
      for (const line of lines) expect(line).toMatch(/because of (A Year of Sourdough|The Rye Handbook)/);
      expect(lines[0]).toMatch(/Sourdough|Rye|Flatbreads|Grains|Crumb|Bread/);
      await page.locator('#search').fill('rye');
      expect(await page.locator('#books label:visible').count()).toBeLessThan(10);
    } finally {
      await browser.close();
      pages.stop();
    }
  });
});
