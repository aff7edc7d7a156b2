// Builds dist/: the kernels (asc), the bundles (esbuild) and the declarations (tsc).
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const quiet = process.argv.includes('--quiet');

function run(command, ...args) {
  const { status } = spawnSync('npx', ['--no-install', command, ...args], {
    stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync('build', { recursive: true });
run('asc', '--target', 'simd');
rmSync('dist', { recursive: true, force: true });

const shared = {
  bundle: true,
  format: 'esm',
  // Older engines lack Uint8Array.fromBase64, which the binary loader uses for newer targets.
  target: 'es2022',
  loader: { '.wasm': 'binary' },
  // The ESM file of the loader: its package points bundlers to the UMD one.
  alias: { '@assemblyscript/loader': './node_modules/@assemblyscript/loader/index.js' },
  legalComments: 'linked',
  logLevel: 'warning',
  outdir: 'dist',
};

await build({
  ...shared,
  entryPoints: ['src/index.ts', 'src/serve.ts', 'src/node.ts'],
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'neutral',
  external: ['node:*'],
});
await build({
  ...shared,
  entryPoints: { cli: 'src/cli/main.ts' },
  platform: 'node',
  external: ['@xenova/transformers'],
  // commander and its like are CommonJS and call require for Node's own modules.
  banner: { js: "#!/usr/bin/env node\nimport { createRequire as llminitRequire } from 'node:module';const require = llminitRequire(import.meta.url);" },
});
copyFileSync('build/simd.wasm', 'dist/kernels.wasm');
run('tsc', '-p', 'tsconfig.build.json');
// The declarations of the kernels refer to asc's own.
mkdirSync('dist/build', { recursive: true });
copyFileSync('build/simd.d.ts', 'dist/build/simd.d.ts');

if (!quiet) {
  for (const file of ['kernels.wasm', 'index.js', 'serve.js', 'cli.js']) {
    const bytes = readFileSync(`dist/${file}`);
    console.log(`dist/${file}: ${statSync(`dist/${file}`).size} bytes, ${gzipSync(bytes).length} gzipped`);
  }
}
