import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ENTRIES = [
  'index',
  'serve',
  'embedders',
  'kernels',
  'node',
  'http',
  'client',
  'chat',
  'sequences',
] as const;

/** An export of an entry with the examples of its comment. */
export interface Exported {
  readonly entry: string;
  readonly name: string;
  readonly isType: boolean;
  /** where it is declared */
  readonly file: string;
  readonly examples: readonly string[];
}

/** Every export of every entry, each declaration once. */
export function exportedNames(root: string): Exported[] {
  const found = new Map<string, Exported>();
  for (const entry of ENTRIES)
    for (const { name, original, file, isType } of listed(join(root, `src/${entry}.ts`))) {
      const declared = declaration(file, original);
      const key = `${declared.file}#${declared.name}`;
      if (!found.has(key))
        found.set(key, { entry, name, isType, file: declared.file, examples: declared.examples });
    }
  return [...found.values()];
}

/** The names in the lists of a file that hands others on. */
function listed(file: string): { name: string; original: string; file: string; isType: boolean }[] {
  const lists = readFileSync(file, 'utf8').matchAll(/^export (type )?\{([^}]*)\} from '([^']+)';/gm);
  return Array.from(lists, ([, allTypes, names, from]) =>
    names
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => {
        const [original, alias] = item.replace(/^type /, '').split(' as ');
        const isType = allTypes !== undefined || item.startsWith('type ');
        return { name: alias ?? original, original, file: join(dirname(file), from), isType };
      }),
  ).flat();
}

function declaration(file: string, name: string): { file: string; name: string; examples: string[] } {
  const text = readFileSync(file, 'utf8');
  const pattern = `^export (?:abstract )?(?:async )?(?:class|function\\*?|const|interface|type) ${name}\\b`;
  const at = new RegExp(pattern, 'm').exec(text)?.index;
  if (at !== undefined) return { file, name, examples: examplesBefore(text, at) };
  const handed = listed(file).find((found) => found.name === name);
  if (!handed) throw new Error(`${file}: expected a declaration of ${name}`);
  return declaration(handed.file, handed.original);
}

/** The blocks below `@example` of the comment that ends at a place. */
function examplesBefore(text: string, end: number): string[] {
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, end))?.[1] ?? '';
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
  return lines
    .join('\n')
    .split(/^@/m)
    .filter((tag) => tag.startsWith('example'))
    .map((tag) => tag.slice('example'.length).trim());
}

/** Writes each example as a module of TypeScript; gives their paths by `name` or, of several, `name 2`. */
export function writeExamples(root: string, folder: string, all: readonly Exported[]): Map<string, string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const paths = new Map<string, string>();
  const fixtures = declaredIn(readFileSync(join(root, 'test/examples/shop.ts'), 'utf8'), 'export ');
  for (const exported of all)
    for (const [n, example] of exported.examples.entries()) {
      const title =
        n === 0 ? `${exported.entry} ${exported.name}` : `${exported.entry} ${exported.name} ${n + 1}`;
      // Numbered, since names may differ in capitals only.
      const path = join(folder, `${title.replaceAll(' ', '-')}-${paths.size}.ts`);
      writeFileSync(path, moduleOf(root, exported, example, all, fixtures));
      paths.set(title, path);
    }
  const own = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts', join(root, 'src/**/*.d.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(own));
  return paths;
}

/** An example with imports of what it names: of the library, and of the shop that all examples work on. */
function moduleOf(
  root: string,
  { entry }: Exported,
  example: string,
  all: readonly Exported[],
  fixtures: readonly string[],
): string {
  const declared = [...declaredIn(example, ''), ...importedBy(example)];
  const used = new Set([...example.matchAll(/(?<![\w'"]|(?<!\.\.)\.)[A-Za-z_]\w*/g)].map(([name]) => name));
  const free = [...used].filter((name) => !declared.includes(name));
  const imports = free.flatMap((name) => {
    if (fixtures.includes(name)) return [`import { ${name} } from '${join(root, 'test/examples/shop.ts')}';`];
    const known = all.filter((exported) => exported.name === name);
    const found = known.find((exported) => exported.entry === entry) ?? known[0];
    if (!found) return [];
    const from = join(root, `src/${found.entry}.ts`);
    return [`import { ${found.isType ? 'type ' : ''}${name} } from '${from}';`];
  });
  const body = example
    .replace(/from 'llminit(?:\/(\w+))?'/g, (_, of = 'index') => `from '${join(root, `src/${of}.ts`)}'`)
    .replace(
      /^(?!\s|const |let |import |\/\/)(.*); \/\/ → (.*)$/gm,
      (_, expression, text) => `shows(${expression}, ${JSON.stringify(text)});`,
    );
  const shows = `import { shows } from '${join(root, 'test/examples/shows.ts')}';`;
  return [shows, ...imports, body, 'export {};', ''].join('\n');
}

/** What a text declares in lines that begin with `prefix`. */
function declaredIn(text: string, prefix: string): string[] {
  const pattern = new RegExp(
    `^ *${prefix}(?:async )?(?:const|let|function\\*?|class|type|interface)\\s+(\\{[^}]*\\}|\\[[^\\]]*\\]|\\w+)`,
    'gm',
  );
  return [...text.matchAll(pattern)].flatMap(([, names]) => words(names));
}

function importedBy(text: string): string[] {
  return [...text.matchAll(/^import (?:type )?(\{[^}]*\}|\w+)/gm)].flatMap(([, names]) => words(names));
}

/** The names of a declaration: those behind a colon where a field is renamed. */
function words(names: string): string[] {
  return [...names.matchAll(/(?:\w+: *)?(\w+)/g)].map(([, name]) => name);
}
