import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

/** The layers from the top; a file may import its own folder and every layer below, not a neighbour. */
const LAYERS: readonly (readonly string[])[] = [
  ['cli'],
  ['entries'],
  ['node'],
  ['exchange'],
  ['recipe'],
  ['train', 'arrays'],
  ['chat'],
  ['evaluate'],
  ['models'],
  ['init', 'serve'],
  ['rank'],
  ['embed'],
  ['linalg'],
  ['data'],
  ['kernels'],
  ['runtime'],
  ['remote'],
  ['options'],
  ['format'],
  ['errors'],
];
const ENTRIES = ['index', 'node', 'serve', 'http', 'kernels', 'embedders', 'chat', 'sequences', 'client'];
const NODE_ONLY = ['cli', 'node'];

interface Source {
  text: string;
  /** As written: `../errors.ts`, `node:fs`. */
  imports: string[];
}

/** Every file below src, by its path with slashes. */
const files = new Map<string, Source>(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = withoutComments(readFileSync(join(source, file), 'utf8'));
      return [file.split(sep).join('/'), { text, imports: importsOf(text) }];
    }),
);

/** The code with block comments and whole-line comments removed; enough for files that Biome has formatted. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Specifiers of static, re-exporting, side-effect and dynamic imports, type imports included. */
function importsOf(text: string): string[] {
  const patterns = [
    /^(?:import|export)\b[^;='"()]*\bfrom\s+['"]([^'"]+)['"]/gm,
    /^import\s+['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => Array.from(text.matchAll(pattern), (match) => match[1]));
}

/** First folder below src; a file that lies in src itself is an entry, but for `errors.ts`. */
function layerOf(file: string): string {
  const [first, ...rest] = file.split('/');
  if (rest.length > 0) return first;
  const name = first.replace(/\.ts$/, '');
  return ENTRIES.includes(name) ? 'entries' : name;
}

function rankOf(layer: string): number {
  return LAYERS.findIndex((names) => names.includes(layer));
}

/** The files of src that a file imports. */
function importedFiles(file: string): string[] {
  const targets = (files.get(file)?.imports ?? [])
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) =>
      relative(source, resolve(source, dirname(file), specifier))
        .split(sep)
        .join('/'),
    );
  return targets.filter((target) => !target.startsWith('..'));
}

/** Everything an entry pulls in. */
function closureOf(entry: string): Set<string> {
  const reached = new Set<string>([entry]);
  for (const file of reached) for (const target of importedFiles(file)) reached.add(target);
  return reached;
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  return rankOf(from) < rankOf(to);
}

describe('the scanner', () => {
  it('finds imports of every form and none in comments', () => {
    const text = `/** import x from 'comment' */
import a from './a.ts';
import {
  b,
  type C,
} from './b.ts';
import type { D } from './d.ts';
export * from './e.ts';
export { f } from './f.ts';
import './g.ts';
// import y from 'comment'
export const h = () => import('./h.ts');
const i = Array.from('./i.ts');
export function j(from = './j.ts') {}`;
    expect(importsOf(withoutComments(text)).sort()).toEqual(
      ['a', 'b', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`),
    );
  });

  it('sees the sources and resolves what they import', () => {
    expect(files.size).toBeGreaterThan(20);
    expect(importedFiles('runtime/runtime.ts')).toEqual(
      expect.arrayContaining(['errors.ts', 'runtime/workspace.ts']),
    );
    expect(closureOf('runtime/load.ts')).toContain('runtime/constants.ts');
  });
});

describe('the layers', () => {
  it('hold every file of src', () => {
    expect([...files.keys()].filter((file) => rankOf(layerOf(file)) < 0)).toEqual([]);
  });

  it('import only downward', () => {
    const upward = [...files.keys()].flatMap((file) =>
      importedFiles(file)
        .filter((target) => !mayImport(layerOf(file), layerOf(target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it('name only files that exist', () => {
    const missing = [...files.keys()].flatMap((file) =>
      importedFiles(file)
        .filter((target) => !files.has(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('keep readers out of serve', () => {
    const serving = [...files.keys()].filter((file) => layerOf(file) === 'serve');
    expect(serving.flatMap(importedFiles).filter((target) => target.startsWith('data/readers/'))).toEqual([]);
  });

  it('keep node: imports, Buffer and process in cli and node', () => {
    const portable = [...files].filter(([file]) => !NODE_ONLY.includes(layerOf(file)));
    const bound = portable.filter(
      ([, { text, imports }]) =>
        imports.some((specifier) => specifier.startsWith('node:')) || /\bBuffer\.|\bprocess\./.test(text),
    );
    expect(bound.map(([file]) => file)).toEqual([]);
  });

  it('export from an entry by lists, which tell what is public', () => {
    const entries = [...files].filter(([file]) => layerOf(file) === 'entries');
    expect(entries.length).toBeGreaterThan(4);
    expect(entries.filter(([, { text }]) => /export \*/.test(text)).map(([file]) => file)).toEqual([]);
  });

  it('compute with operations that every engine rounds alike', () => {
    // Elementary functions differ by an ulp between engines, and so do powers, but for those of 2. The figures of a
    // report are printed with fewer digits.
    const numeric = [...files].filter(([file]) => !/^(cli|evaluate\/stats)\//.test(file));
    const inexact =
      /\bMath\.(exp|expm1|log|log2|log10|log1p|pow|a?(sin|cos|tan)h?|atan2|cbrt|hypot)\b|(?<!\b2 )\*\*/;
    expect(numeric.filter(([, { text }]) => inexact.test(text)).map(([file]) => file)).toEqual([]);
    expect(inexact.test('x ** 2') && inexact.test('12 ** x') && !inexact.test('2 ** -24')).toBe(true);
  });

  it('keep pointers in runtime and kernels', () => {
    const outside = [...files].filter(([file]) => !['runtime', 'kernels'].includes(layerOf(file)));
    expect(outside.filter(([, { text }]) => /\.ptr\b/.test(text)).map(([file]) => file)).toEqual([]);
  });
});

describe('the kernels', () => {
  const folder = fileURLToPath(new URL('../assembly', import.meta.url));

  it('have no line over 120 columns', () => {
    const long = readdirSync(folder).flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .flatMap((line, n) => ([...line].length > 120 ? [`${file}:${n + 1}`] : [])),
    );
    expect(long).toEqual([]);
  });
});

describe('what an edge bundle carries', () => {
  for (const entry of ['serve/recommender.ts', 'serve.ts']) {
    it.skipIf(!files.has(entry))(`holds no training, model or reader code behind ${entry}`, () => {
      const forbidden = /^(recipe|train|models|init|evaluate|data\/readers)\//;
      expect([...closureOf(entry)].filter((file) => forbidden.test(file))).toEqual([]);
    });
  }
});
