import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, inject, it } from 'vitest';
import { output } from './child.ts';
import { describeOn, toolPath } from './tools.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const consumer = inject('consumer');
const installed = join(consumer, 'node_modules/llminit');

/** The oldest compiler that is supported, the last of each major version since, and how each resolves modules. */
const COMPILERS: readonly (readonly [version: string, tsc: string, moduleResolution: string])[] = [
  ['5.4', toolPath('typescript54/bin/tsc'), 'nodenext'],
  ['5.4', toolPath('typescript54/bin/tsc'), 'bundler'],
  // What ts-node and older projects resolve by.
  ['5.9', toolPath('typescript59/bin/tsc'), 'node10'],
  ['5.9', toolPath('typescript59/bin/tsc'), 'nodenext'],
  ['6.0', toolPath('typescript60/bin/tsc'), 'bundler'],
  ['7', join(project, 'node_modules/typescript/bin/tsc'), 'nodenext'],
  ['7', join(project, 'node_modules/typescript/bin/tsc'), 'bundler'],
];
const ENTRIES = ['index', 'serve', 'http', 'kernels', 'embedders', 'chat', 'sequences', 'client', 'node'];

interface EntryTypes {
  readonly names: readonly string[];
  /** Public members of its classes, as `Class.member`. */
  readonly members: readonly string[];
  /** What a signature names and cannot be imported. */
  readonly missing: readonly string[];
  readonly undocumented: readonly string[];
}

const APP = `
import { evaluate, fit, type FitOptions, initialize, Interactions, leaveOneOut } from 'llminit';
import { lexicalEmbeddings } from 'llminit/embedders';
import { directoryCache } from 'llminit/node';
import { load, Recommender } from 'llminit/serve';
import * as kernels from 'llminit/kernels';
import module from 'llminit/kernels.wasm';

export async function app(bytes: Uint8Array): Promise<string[]> {
  const recommender = await Recommender.open(bytes, 'model', await load({ module }));
  return recommender.recommend('u1').map(({ id }) => id);
}
export const options: FitOptions = { epochs: 3 };
export const used = [evaluate, fit, initialize, Interactions, leaveOneOut, lexicalEmbeddings, directoryCache, kernels];
// @ts-expect-error: a number
export const wrong: FitOptions = { epochs: '3' };
`;

/** A library that hands on all that an entry exports and every member of its classes, with types left to the compiler. */
function wrapper(entry: string, names: readonly string[], members: readonly string[]): string {
  const from = entry === 'index' ? 'llminit' : `llminit/${entry}`;
  const lines = [`import * as llminit from '${from}';`];
  for (const name of names) lines.push(`export const its_${name} = llminit.${name};`);
  for (const [n, member] of members.entries()) {
    const [type, name] = member.split('.');
    lines.push(`export const member_${n} = (it: llminit.${type}) => it.${name};`);
  }
  return lines.join('\n');
}

/** Entries whose functions are about what other entries export. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  http: ['serve'],
  chat: ['index'],
  sequences: ['index'],
  embedders: ['index'],
  node: ['index'],
};

describeOn(
  'the types',
  [toolPath('typescript59'), toolPath('typescript54'), toolPath('typescript60')],
  () => {
    let entries: Record<string, EntryTypes>;
    beforeAll(async () => {
      const program = fileURLToPath(new URL('./publicTypes.mjs', import.meta.url));
      const declarations = join(installed, 'dist/types');
      const args = [program, toolPath('typescript59'), declarations, ...ENTRIES];
      entries = JSON.parse(await output(process.execPath, args)) as Record<string, EntryTypes>;
      expect(entries.index.names.length).toBeGreaterThan(60);
    });

    for (const entry of ENTRIES) {
      it(`of ${entry} that its signatures name can be imported from it`, () => {
        // What these entries take and give, such as a recommender, comes from an entry beside them.
        const beside = new Set(BESIDE[entry]?.flatMap((other) => entries[other].names));
        const missing = entries[entry].missing.filter((one) => !beside.has(/ refers to (\w+)/.exec(one)![1]));
        expect(missing).toEqual([]);
      });

      it(`of ${entry} have a comment, which an editor shows`, () => {
        expect(entries[entry].undocumented).toEqual([]);
      });
    }

    for (const [version, tsc, moduleResolution] of COMPILERS) {
      it(`serve an app and a library that wraps them in TypeScript ${version} under ${moduleResolution}`, async () => {
        const cwd = join(consumer, `types-${version}-${moduleResolution}`);
        mkdirSync(cwd);
        writeFileSync(join(cwd, 'app.ts'), APP);
        for (const entry of ENTRIES) {
          const names = Object.keys(await import(join(installed, `dist/${entry}.js`)));
          writeFileSync(join(cwd, `${entry}Library.ts`), wrapper(entry, names, entries[entry].members));
        }
        const compile = async (name: string, options: object, files: readonly string[]) => {
          const compilerOptions = {
            strict: true,
            skipLibCheck: false,
            target: 'es2022',
            lib: ['es2022', 'dom'],
            types: [],
            module: { bundler: 'esnext', node10: 'commonjs' }[moduleResolution] ?? moduleResolution,
            moduleResolution,
            ...options,
          };
          writeFileSync(join(cwd, `${name}.json`), JSON.stringify({ compilerOptions, files }));
          await output(process.execPath, [tsc, '-p', `${name}.json`], { cwd });
        };
        const libraries = ENTRIES.map((entry) => `${entry}Library`);
        const emit = { declaration: true, emitDeclarationOnly: true, rootDir: '.', outDir: 'declared' };
        await compile('build', emit, ['app.ts', ...libraries.map((name) => `${name}.ts`)]);
        // The library's own declarations are good for its users, too.
        await compile(
          'use',
          { noEmit: true },
          libraries.map((name) => `declared/${name}.d.ts`),
        );
      });
    }
  },
);
