import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import { output } from './child.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

const consumer = inject('consumer');
const entry = join(consumer, 'bundled.mjs');

/** Builds `bundled.mjs` in a folder of its own and runs it in Node, where nothing but the bundle is at hand. */
async function expectBundle(name: string, bundle: (outdir: string) => Promise<string>): Promise<void> {
  const outdir = join(consumer, '..', `bundle-${name}`);
  const file = await bundle(outdir);
  writeFileSync(
    join(outdir, 'run.mjs'),
    `import { main } from ${JSON.stringify(`./${file}`)};\nconsole.log(await main());\n`,
  );
  const printed = await output(process.execPath, ['run.mjs'], { cwd: outdir });
  expectReference(printed);
  expect(JSON.parse(printed).oneClass).toBe(true);
}

describe('esbuild', () => {
  it('makes an app that gives the bytes of the reference', () =>
    expectBundle('esbuild', async (outdir) => {
      const { warnings } = await build({
        entryPoints: [entry],
        bundle: true,
        minify: true,
        format: 'esm',
        external: ['@xenova/transformers'],
        outfile: join(outdir, 'bundled.mjs'),
      });
      expect(warnings).toEqual([]);
      return 'bundled.mjs';
    }));
});

describeOn('Rollup', [toolPath('rollup'), toolPath('@rollup/plugin-node-resolve')], () => {
  interface Rollup {
    rollup(options: object): Promise<{ write(options: object): Promise<unknown>; close(): Promise<void> }>;
  }

  it('makes an app that gives the bytes of the reference', () =>
    expectBundle('rollup', async (outdir) => {
      const { rollup } = await importTool<Rollup>('rollup');
      const { nodeResolve } = await importTool<{ nodeResolve(): unknown }>('@rollup/plugin-node-resolve');
      const warnings: unknown[] = [];
      const bundle = await rollup({
        input: entry,
        plugins: [nodeResolve()],
        onwarn: (warning: unknown) => warnings.push(warning),
      });
      await bundle.write({ dir: outdir, format: 'es', entryFileNames: 'bundled.mjs' });
      await bundle.close();
      expect(warnings).toEqual([]);
      return 'bundled.mjs';
    }));
});

describeOn('Vite', [toolPath('vite')], () => {
  it('makes an app that gives the bytes of the reference', () =>
    expectBundle('vite', async (outdir) => {
      const { build } = await importTool<{ build(options: object): Promise<unknown> }>('vite');
      await build({
        root: consumer,
        configFile: false,
        logLevel: 'error',
        build: { outDir: outdir, lib: { entry, formats: ['es'], fileName: 'bundled' }, emptyOutDir: true },
      });
      return 'bundled.js';
    }));
});

interface Stats {
  hasErrors(): boolean;
  hasWarnings(): boolean;
  toString(): string;
}

describeOn('webpack', [toolPath('webpack')], () => {
  async function webpackBuild(configuration: object): Promise<void> {
    type Webpack = (configuration: object, done: (error: Error | null, stats: Stats) => void) => void;
    const { default: webpack } = await importTool<{ default: Webpack }>('webpack');
    const stats = await new Promise<Stats>((resolve, reject) =>
      webpack(configuration, (error, stats) => (error ? reject(error) : resolve(stats))),
    );
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  }

  for (const target of ['web', 'node']) {
    it(`makes an app for ${target} that gives the bytes of the reference`, () =>
      expectBundle(`webpack-${target}`, async (outdir) => {
        await webpackBuild({
          mode: 'production',
          target: [target, 'es2022'],
          context: consumer,
          entry,
          experiments: { outputModule: true },
          performance: { hints: false },
          output: { path: outdir, filename: 'bundled.mjs', library: { type: 'module' } },
        });
        return 'bundled.mjs';
      }));
  }
});
