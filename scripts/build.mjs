// Builds dist/: the kernels (asc), the bundles (esbuild) and the declarations (tsc).
//
//   dist/*.js           the entries with the kernels inlined
//   dist/workerd/*.js   the same entries, which import ../kernels.wasm or, for serving alone, ../serving.wasm: Cloudflare
//                       refuses to compile bytes
//   dist/edge-light/    likewise ../kernels.wasm?module and ../serving.wasm?module: Vercel and Next.js bind wasm by that suffix only, see
//                       https://vercel.com/docs/functions/wasm
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildCli, inlineWasm, OPTIONAL } from './cliBuild.mjs';
import { makeDeclarations } from './declarations.mjs';
import { writeNotices } from './notices.mjs';

const quiet = process.argv.includes('--quiet');

/** The entries for every runtime; `node` and the CLI are apart. */
const PORTABLE = ['index', 'serve', 'http', 'kernels', 'embedders', 'chat', 'sequences', 'client'];

function run(...args) {
  const { status } = spawnSync(process.execPath, args, {
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

run('scripts/kernels.mjs');
rmSync('dist', { recursive: true, force: true });

/** Puts `imported.ts` in the place of `inlined.ts`; with `suffix` the host knows a compiled module by its path. */
function importWasm(suffix) {
  return {
    name: 'import-wasm',
    setup({ onResolve }) {
      onResolve({ filter: /\/inlined\.ts$/ }, ({ resolveDir }) => ({
        path: resolve(resolveDir, 'imported.ts'),
      }));
      onResolve({ filter: /\/inlinedServing\.ts$/ }, ({ resolveDir }) => ({
        path: resolve(resolveDir, 'importedServing.ts'),
      }));
      onResolve({ filter: /\/inlinedThreads\.ts$/ }, ({ resolveDir }) => ({
        path: resolve(resolveDir, 'unthreaded.ts'),
      }));
      onResolve({ filter: /^llminit\/(kernels|serving)\.wasm$/ }, ({ path }) => ({
        path: `..${path.slice('llminit'.length)}${suffix}`,
        external: true,
      }));
    },
  };
}

const shared = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'linked',
  logLevel: 'warning',
};

const portable = {
  ...shared,
  splitting: true,
  platform: 'neutral',
  external: ['node:*', ...OPTIONAL],
};

/** Types in comments name declarations that the bundle does not have, and Deno's compiler looks for them. */
const dropForeignTypes = {
  name: 'drop-foreign-types',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[\\/]hyparquet(-compressors)?[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, ''),
    }));
  },
};

/**
 * The main entry hands on what smaller entries have and the rest of itself, which is `training.js`: what runs when that
 * is imported (options are made by calls) no bundler dares to drop, but a file that is not needed falls away unread,
 * since the package says that its files have no side effects.
 */
const TRAINING = 'training';
const SMALLER = ['serve', 'kernels', 'embedders', 'sequences'];
/** What the serving entry has a smaller form of. */
const LARGER = ['load'];

/** Source files by the name of their bundle. */
function entries(names) {
  const files = names.map((name) => [name === 'index' ? TRAINING : name, `src/${name}.ts`]);
  return Object.fromEntries(files);
}

/** Writes the main entry of a folder. */
function writeIndex(folder, { outputs }) {
  const exportsOf = (name) => outputs[`${folder}/${name}.js`].exports;
  const left = new Set(exportsOf(TRAINING));
  const lines = [...SMALLER, TRAINING].map((name) => {
    const names = exportsOf(name).filter((exported) => name !== 'serve' || !LARGER.includes(exported));
    const own = names.filter((exported) => left.delete(exported));
    return `export { ${own.sort().join(', ')} } from './${name}.js';\n`;
  });
  writeFileSync(`${folder}/index.js`, lines.join(''));
}

const { metafile } = await build({
  ...portable,
  entryPoints: entries([...PORTABLE, 'node']),
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [inlineWasm, dropForeignTypes],
  metafile: true,
});
writeIndex('dist', metafile);
for (const [folder, suffix] of [
  ['workerd', ''],
  ['edge-light', '?module'],
]) {
  // All files in one folder, so that the path to the kernels is the same from each.
  const edge = await build({
    ...portable,
    entryPoints: entries(PORTABLE),
    outdir: `dist/${folder}`,
    plugins: [importWasm(suffix), dropForeignTypes],
    metafile: true,
  });
  writeIndex(`dist/${folder}`, edge.metafile);
}
// Imports for the sake of side effects, which no file has: esbuild leaves them, bundlers warn of them, pages load them.
for (const file of readdirSync('dist', { recursive: true }).filter((name) => name.endsWith('.js'))) {
  const text = readFileSync(`dist/${file}`, 'utf8');
  writeFileSync(`dist/${file}`, text.replace(/^import "\.[^"]+";\n/gm, ''));
}
const cli = await buildCli('dist');
// Read by the tests that look for training code behind the serving entry and the light commands; not published.
const outputs = { ...metafile.outputs, ...cli };
writeFileSync('build/metafile.json', JSON.stringify({ outputs }));
const bundled = Object.values(outputs).flatMap(({ inputs }) =>
  Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0),
);
writeNotices('dist/THIRD_PARTY_NOTICES.txt', bundled);
for (const [built, name] of [
  ['simd', 'kernels'],
  ['serving', 'serving'],
]) {
  copyFileSync(`build/${built}.wasm`, `dist/${name}.wasm`);
  writeFileSync(
    `dist/${name}.wasm.d.ts`,
    'declare const module: WebAssembly.Module;\nexport default module;\n',
  );
}
makeDeclarations([...PORTABLE, 'node']);

if (!quiet) {
  for (const file of [
    'kernels.wasm',
    'serving.wasm',
    ...[...PORTABLE, 'node', 'cli'].map((name) => `${name}.js`),
  ]) {
    const bytes = readFileSync(`dist/${file}`);
    console.log(`dist/${file}: ${statSync(`dist/${file}`).size} bytes, ${gzipSync(bytes).length} gzipped`);
  }
}
