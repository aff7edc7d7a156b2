// Compiles the kernels and bundles the sources into .bench/, apart from build/ and dist/, so that a bench measures the
// tree as it stands.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Everything the bench makes; ignored by git through a file of its own. */
export const SCRATCH = resolve('.bench');

/** Creates the scratch folder. */
export function prepareScratch() {
  mkdirSync(SCRATCH, { recursive: true });
  writeFileSync(`${SCRATCH}/.gitignore`, '*\n');
}

/** The exports of an entry, and the bytes of the default kernels. */
export async function loadLibrary(entry = 'bench/entry.ts', name = 'library') {
  compile('simd');
  compile('threads');
  const outfile = `${SCRATCH}/${name}.mjs`;
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*', '@xenova/transformers', '@huggingface/transformers'],
    plugins: [inlineWasm],
    logLevel: 'warning',
  });
  return {
    ...(await import(pathToFileURL(outfile).href)),
    wasmBytes: readFileSync(`${SCRATCH}/simd.wasm`),
  };
}

/** `…/simd.wasm?base64` from the scratch folder; serving has all kernels, too. */
const inlineWasm = {
  name: 'inline-wasm',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?base64$/ }, ({ path }) => ({
      path: `${SCRATCH}/${basename(path, '?base64').replace('serving', 'simd')}`,
      namespace: 'base64',
    }));
    onLoad({ filter: /.*/, namespace: 'base64' }, ({ path }) => ({
      contents: readFileSync(path),
      loader: 'base64',
    }));
  },
};

/** One target of asconfig.json, unless it is newer than its sources. */
function compile(target) {
  const outFile = `${SCRATCH}/${target}.wasm`;
  const sources = ['asconfig.json', ...readdirSync('assembly').map((file) => `assembly/${file}`)];
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(outFile) && statSync(outFile).mtimeMs > newest) return;
  const args = ['node_modules/assemblyscript/bin/asc.js', '--target', target, '--outFile', outFile];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`asc --target ${target} failed:\n${stderr}`);
}
