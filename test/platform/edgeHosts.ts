import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { importTool } from './tools.ts';

const MODULE_TYPES: Readonly<Record<string, string>> = {
  '.mjs': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.bin': 'Data',
};

/** Where a Worker finds files. */
export interface Store {
  put(key: string, value: ArrayBuffer): Promise<unknown>;
}

/** What the tests use of miniflare. */
export interface Worker {
  dispatchFetch(url: string, init?: object): Promise<Response>;
  getR2Bucket(name: string): Promise<Store>;
  getKVNamespace(name: string): Promise<Store>;
  dispose(): Promise<void>;
}

/**
 * A Worker in workerd, bundled and minified as Cloudflare's wrangler does: .wasm and .bin stay files beside the script.
 * `change` may rewrite the code of the entry.
 */
export async function startWorker(
  entry: string,
  conditions: string[],
  bindings: object = {},
  change?: (code: string) => string,
): Promise<Worker> {
  if (change) writeFileSync(entry, change(readFileSync(entry, 'utf8')));
  const outdir = join(dirname(entry), `workerd-${basename(entry)}-${conditions.length}`);
  await build({
    entryPoints: { worker: entry },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions,
    loader: { '.wasm': 'copy', '.bin': 'copy' },
    external: ['@xenova/transformers', 'cloudflare:*'],
    outdir,
    outExtension: { '.js': '.mjs' },
  });
  const { Miniflare } = await importTool<{ Miniflare: new (options: object) => Worker }>('miniflare');
  return new Miniflare({
    modulesRoot: outdir,
    // The script comes first. Left to find the files itself, miniflare stops at an import() of a name.
    modules: ['worker.mjs', ...readdirSync(outdir).filter((file) => file !== 'worker.mjs')].map((file) => ({
      type: MODULE_TYPES[extname(file)],
      path: join(outdir, file),
    })),
    compatibilityDate: '2026-04-01',
    host: '127.0.0.1',
    cf: false,
    ...bindings,
  });
}

/** Binds `x.wasm?module` as Next.js does: a global that the host sets to the compiled module. */
export const bindWasm: Plugin = {
  name: 'bind-wasm',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: 'bound' }));
    onLoad({ filter: /.*/, namespace: 'bound' }, () => ({
      contents: 'export default globalThis.wasm_kernels;',
    }));
  },
};

/** What the tests use of Vercel's edge-runtime. */
export interface EdgeHost {
  dispatchFetch(url: string): Promise<Response>;
}

/** A script in Vercel's edge-runtime, with the kernels of the package compiled outside of it, as Next.js does. */
export async function edgeRuntime(initialCode: string, installed: string): Promise<EdgeHost> {
  type Constructor = new (options: { initialCode: string; extend(context: object): object }) => EdgeHost;
  const { EdgeRuntime } = await importTool<{ EdgeRuntime: Constructor }>('edge-runtime');
  const module = await WebAssembly.compile(readFileSync(join(installed, 'dist/kernels.wasm')));
  return new EdgeRuntime({
    initialCode,
    extend: (context) => Object.assign(context, { wasm_kernels: module }),
  });
}
