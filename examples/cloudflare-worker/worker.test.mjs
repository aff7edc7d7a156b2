import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

const TYPES = { mjs: 'ESModule', wasm: 'CompiledWasm', bin: 'Data' };
let worker;

// As wrangler bundles it, in Cloudflare's runtime.
before(async () => {
  await build({
    entryPoints: { worker: 'src/bundled.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.bin': 'copy', '.wasm': 'copy' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
  });
  const files = readdirSync('dist').filter((file) => file !== 'worker.mjs');
  worker = new Miniflare({
    modulesRoot: 'dist',
    modules: ['worker.mjs', ...files].map((file) => ({
      type: TYPES[file.split('.').at(-1)],
      path: `dist/${file}`,
    })),
    compatibilityDate: '2026-04-01',
    cf: false,
  });
});
after(() => worker?.dispose());

test('recommends to somebody new', async () => {
  const response = await worker.dispatchFetch('http://test/v1/recommendations?history=b01,b02&k=3');
  assert.equal(response.status, 200);
  const { items } = await response.json();
  assert.equal(items.length, 3);
  assert.ok(items.every(({ id }) => id !== 'b01' && id !== 'b02'));
});
