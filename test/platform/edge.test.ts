import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { expect, inject, it } from 'vitest';
import { expectReference } from './scenarioResult.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

const consumer = inject('consumer');

interface Miniflare {
  dispatchFetch(url: string): Promise<Response>;
  dispose(): Promise<void>;
}

/** What a Worker answers, bundled as Cloudflare's wrangler does: wasm stays a file beside the script. */
async function answerOfWorker(entry: string, conditions: string[]): Promise<string> {
  const outdir = join(consumer, `workerd-${entry}-${conditions.length}`);
  await build({
    entryPoints: { worker: join(consumer, entry) },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions,
    loader: { '.wasm': 'copy' },
    external: ['@xenova/transformers'],
    outdir,
    outExtension: { '.js': '.mjs' },
  });
  type Constructor = new (options: object) => Miniflare;
  const { Miniflare } = await importTool<{ Miniflare: Constructor }>('miniflare');
  const worker = new Miniflare({
    modulesRoot: outdir,
    // The script comes first. Left to find the files itself, miniflare stops at an import() of a name.
    modules: ['worker.mjs', ...readdirSync(outdir).filter((file) => file.endsWith('.wasm'))].map((file) => ({
      type: file.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule',
      path: join(outdir, file),
    })),
    compatibilityDate: '2026-04-01',
    host: '127.0.0.1',
    cf: false,
  });
  try {
    return await (await worker.dispatchFetch('http://worker/')).text();
  } finally {
    await worker.dispose();
  }
}

describeOn('workerd', [toolPath('miniflare'), toolPath('workerd')], () => {
  const conditions = ['workerd', 'worker', 'browser'];

  it('gives the bytes of the reference, with one thread', async () => {
    expectReference(await answerOfWorker('worker.mjs', conditions));
  });

  it('gives them with the kernels that the application imports', async () => {
    expectReference(await answerOfWorker('workerWithModule.mjs', []));
  });

  it('says what to do when a bundler has left out the condition', async () => {
    const answer = await answerOfWorker('workerRefused.mjs', []);
    expect(answer).toMatch(/^UnsupportedError: load: this host did not compile the kernels/);
    expect(answer).toContain("pass { module } imported from 'llminit/kernels.wasm'");
  });
});

/** Binds `x.wasm?module` as Next.js does: a global that the host sets to the compiled module. */
const bindWasm: Plugin = {
  name: 'bind-wasm',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: 'bound' }));
    onLoad({ filter: /.*/, namespace: 'bound' }, () => ({
      contents: 'export default globalThis.wasm_kernels;',
    }));
  },
};

describeOn('Vercel edge-runtime', [toolPath('edge-runtime')], () => {
  it('gives the bytes of the reference, with one thread', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(consumer, 'edge.mjs')],
      bundle: true,
      format: 'iife',
      target: 'es2022',
      conditions: ['edge-light'],
      plugins: [bindWasm],
      external: ['@xenova/transformers'],
      write: false,
    });
    type Constructor = new (options: {
      initialCode: string;
      extend(context: object): object;
    }) => { dispatchFetch(url: string): Promise<Response> };
    const { EdgeRuntime } = await importTool<{ EdgeRuntime: Constructor }>('edge-runtime');
    const bytes = readFileSync(join(consumer, 'node_modules/llminit/dist/kernels.wasm'));
    const module = await WebAssembly.compile(bytes);
    const runtime = new EdgeRuntime({
      initialCode: outputFiles[0].text,
      extend: (context) => Object.assign(context, { wasm_kernels: module }),
    });
    expectReference(await (await runtime.dispatchFetch('http://edge/')).text());
  });
});
