// How the command line is bundled: `cli.js`, which loads the rest from `cli/` piece by piece.
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** The ESM file of the AssemblyScript loader: its package points bundlers to the UMD one. */
export const ALIAS = {
  '@assemblyscript/loader': resolve(root, 'node_modules/@assemblyscript/loader/index.js'),
};

/** Packages that an application may install beside this one. */
export const OPTIONAL = ['@xenova/transformers', '@huggingface/transformers'];

/** Options of esbuild. */
export function cliBuild(outdir) {
  return {
    absWorkingDir: root,
    entryPoints: { cli: 'src/cli/main.ts', 'cli/study-worker': 'src/cli/study/worker.ts' },
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'cli/[name]-[hash]',
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    plugins: [inlineWasm],
    alias: ALIAS,
    external: OPTIONAL,
    // commander and its like are CommonJS and call require for Node's own modules.
    banner: {
      js: "import { createRequire as llminitRequire } from 'node:module';const require = llminitRequire(import.meta.url);",
    },
    legalComments: 'linked',
    logLevel: 'warning',
  };
}
