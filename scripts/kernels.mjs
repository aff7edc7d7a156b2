// Compiles the kernels from assembly/ into build/, those that are missing or older than their sources.
//
//   node scripts/kernels.mjs           what the package is built from and what its types refer to
//   node scripts/kernels.mjs --tests   also the debug build and the functions that only tests call
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { writeServingKernels } from './servingKernels.mjs';

const ASC = 'node_modules/assemblyscript/bin/asc.js';
const RELEASED = [
  ['build/simd.wasm', '--target', 'simd'],
  ['build/threads.wasm', '--target', 'threads'],
];
const TESTS = [
  ['build/debug.wasm', '--target', 'debug'],
  [
    'build/testing.simd.wasm',
    'assembly/testing.ts',
    '--target',
    'simd',
    '--outFile',
    'build/testing.simd.wasm',
  ],
  [
    'build/testing.debug.wasm',
    'assembly/testing.ts',
    '--target',
    'debug',
    '--outFile',
    'build/testing.debug.wasm',
  ],
];

const sources = readdirSync('assembly', { recursive: true }).map((file) => `assembly/${file}`);
// The folder itself is newer once a file has been removed from it.
const newest = Math.max(
  ...[...sources, 'assembly', 'asconfig.json', ASC].map((file) => statSync(file).mtimeMs),
);

mkdirSync('build', { recursive: true });
for (const [file, ...args] of process.argv.includes('--tests') ? [...RELEASED, ...TESTS] : RELEASED) {
  if (existsSync(file) && statSync(file).mtimeMs > newest) continue;
  const { status } = spawnSync(process.execPath, [ASC, ...args], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
await writeServingKernels();
