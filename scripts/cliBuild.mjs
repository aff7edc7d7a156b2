// How the command line is bundled: `cli.js`, which loads the rest from `cli/` piece by piece.
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `x.wasm?base64` as text, decoded when it is needed and not when it is imported. */
export const inlineWasm = {
  name: 'inline-wasm',
  setup({ onResolve, onLoad }) {
    // A path from the project's folder, since the bundle names its parts by it.
    onResolve({ filter: /\.wasm\?base64$/ }, ({ path, resolveDir }) => ({
      path: relative(root, resolve(resolveDir, path.slice(0, -'?base64'.length))).replaceAll('\\', '/'),
      namespace: 'base64',
    }));
    onLoad({ filter: /.*/, namespace: 'base64' }, ({ path }) => ({
      contents: readFileSync(resolve(root, path)),
      loader: 'base64',
    }));
  },
};

/**
 * Nothing in the place of `node:child_process` for commander, which would start commands of other files with it, and
 * which this command line has none of: loading it takes longer than reading a command line.
 */
const withoutProcesses = {
  name: 'without-processes',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer)
        ? { path: 'child_process', namespace: 'nothing' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Packages that an application may install beside this one. */
export const OPTIONAL = [
  '@xenova/transformers',
  '@huggingface/transformers',
  '@duckdb/node-api',
  'bullmq',
  'ioredis',
];

/** Where the commands that ask a model stand, from the folder of the build. */
const QUERIES = 'cli/queries.js';

/** Leaves the queries to a build of their own. */
const queriesApart = {
  name: 'queries-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/queries\.ts$/ }, () => ({ path: `./${QUERIES}`, external: true }));
  },
};

/** What queries rarely need: it comes from the other commands' build. */
const RARE = ['reranking', 'outputFile'];
const rareApart = {
  name: 'rare-apart',
  setup({ onResolve }) {
    const filter = new RegExp(`^\\.\\.?/(${RARE.join('|')})\\.ts$`);
    onResolve({ filter }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${path.match(filter)[1]}.js`, external: true } : undefined,
    );
  },
};

/**
 * Builds the command line into a folder. The commands that ask a model are a build of their own: beside the others they
 * would be cut into as many files as there are ways to share them, and reading those takes longer than an answer.
 * @returns esbuild's account of the outputs
 */
export async function buildCli(outdir) {
  const options = {
    absWorkingDir: root,
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'cli/[name]-[hash]',
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    plugins: [inlineWasm, withoutProcesses],
    external: OPTIONAL,
    // commander and its like are CommonJS and call require for Node's own modules.
    banner: {
      js: "import { createRequire as llminitRequire } from 'node:module';const require = llminitRequire(import.meta.url);",
    },
    legalComments: 'linked',
    logLevel: 'warning',
    metafile: true,
  };
  const all = {
    cli: 'src/cli/main.ts',
    'cli/study-worker': 'src/cli/study/worker.ts',
    ...Object.fromEntries(RARE.map((name) => [`cli/${name}`, `src/cli/${name}.ts`])),
  };
  const { metafile } = await build({
    ...options,
    entryPoints: all,
    plugins: [...options.plugins, queriesApart],
  });
  const queries = await build({
    ...options,
    entryPoints: { [QUERIES.slice(0, -3)]: 'src/cli/queries.ts' },
    plugins: [...options.plugins, rareApart],
  });
  return { ...metafile.outputs, ...queries.metafile.outputs };
}
