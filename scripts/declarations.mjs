// Makes dist/types/ of the entries: what they reach, in words that TypeScript 5.4 understands.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const TYPES = 'dist/types';

/** Emits the declarations and drops those that no entry reaches. @throws when tsc fails */
export function makeDeclarations(entries) {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  const { status } = spawnSync(process.execPath, tsc, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`tsc failed with status ${status}`);
  // The declarations of the kernels refer to asc's own.
  mkdirSync('dist/build', { recursive: true });
  copyFileSync('build/simd.d.ts', 'dist/build/simd.d.ts');
  const reached = new Set(entries.map((name) => resolve(TYPES, `${name}.d.ts`)));
  for (const file of reached) {
    const text = portable(readFileSync(file, 'utf8'));
    writeFileSync(file, text);
    for (const target of importsOf(text, dirname(file))) reached.add(target);
  }
  for (const file of readdirSync(TYPES, { recursive: true })) {
    const path = resolve(TYPES, file);
    if (file.endsWith('.d.ts') && !reached.has(path)) rmSync(path);
  }
}

/** Typed arrays have a type parameter since TypeScript 5.7 only; older compilers also want the names of modules in .js. */
function portable(text) {
  // Brings its symbol with it, for projects whose libraries are older.
  const disposable = text.includes('[Symbol.dispose]') ? '/// <reference lib="esnext.disposable" />\n' : '';
  return `${disposable}${text}`
    .replace(/\b((?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array)<ArrayBuffer(?:Like)?>/g, '$1')
    .replace(/((?:\bfrom|\bimport\()\s*(["'])\.[^"']*?)(?:\.d)?\.ts\2/g, '$1.js$2');
}

function importsOf(text, folder) {
  // Examples in comments import what a reader has.
  const specifiers = text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .matchAll(/(?:\bfrom|\bimport\()\s*["'](\.[^"']+)["']/g);
  return Array.from(specifiers, ([, specifier]) => declarationOf(join(folder, specifier)));
}

/** `./x.ts` and `./x.js` are declared in `./x.d.ts`. @throws when it is not there */
function declarationOf(path) {
  const file = resolve(path.replace(/(\.d)?\.[jt]s$/, '.d.ts'));
  if (!existsSync(file)) throw new Error(`${file} is imported and was not emitted`);
  return file;
}
