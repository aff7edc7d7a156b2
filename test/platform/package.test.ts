import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import { output } from './child.ts';
import { describeOn, toolPath } from './tools.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const consumer = inject('consumer');
const installed = join(consumer, 'node_modules/llminit');

interface Manifest {
  version: string;
  license: string;
  exports: Record<string, string | Record<string, string>>;
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

interface Output {
  entryPoint?: string;
  inputs: Record<string, { bytesInOutput: number }>;
  imports: { path: string; kind: string; external?: boolean }[];
}

/** esbuild's own account of the build. */
const { outputs } = json<{ outputs: Record<string, Output> }>(join(project, 'build/metafile.json'));

/** Files of dist/ that are loaded with one of them, itself included, and modules of Node; import() reaches none. */
function loadedWith(file: string): { files: string[]; modules: string[] } {
  const reached = new Set([file]);
  const modules = new Set<string>();
  for (const part of reached) {
    for (const { path, kind, external } of outputs[part].imports) {
      if (kind === 'dynamic-import') continue;
      if (external) modules.add(path);
      else reached.add(path);
    }
  }
  return { files: [...reached], modules: [...modules] };
}

/** Source files that are loaded with a file of dist/. */
function sourcesBehind(file: string): string[] {
  return loadedWith(file).files.flatMap((part) => {
    const { inputs } = outputs[part];
    return Object.keys(inputs).filter((source) => inputs[source].bytesInOutput > 0);
  });
}

/** Of a package's code in the bundles. */
function bytesOf(name: string): number {
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const own = parts.filter(([input]) => input.includes(`node_modules/${name}/`));
  return own.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
}

/** Source files behind an entry of dist/. */
const sourcesOf = (entry: string) => sourcesBehind(`dist/${entry}.js`);

/** Code of an app with one line, and what esbuild took for it. */
async function bundled(line: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: line, resolveDir: consumer },
    bundle: true,
    minify: true,
    format: 'esm',
    external: ['@xenova/transformers', 'node:*'],
    logLevel: 'error',
    write: false,
  });
  return outputFiles[0].text;
}

/** Of all that makes vectors a served model needs what reads a new text; nothing that learns from a catalogue. */
const forbidden =
  /^src\/(recipe|train|models|init|evaluate|embed(?!\/lexical\/(model|segmenter|tokenize|terms|modelTensors|weightedSum|weights|transform)\.ts$)|data\/readers|cli|node)\/|csv-parse|ml-matrix/;

describe('the serving entry', () => {
  it('holds not one file of training code', () => {
    expect(sourcesOf('training').filter((source) => forbidden.test(source)).length).toBeGreaterThan(20);
    expect(sourcesOf('serve')).toContain('src/serve/recommender.ts');
    expect(sourcesOf('serve').filter((source) => forbidden.test(source))).toEqual([]);
  });

  it('stays small, the kernels included, and is as large as the README says', async () => {
    const printed = await output(process.execPath, ['node_modules/size-limit/bin.js', '--json'], {
      cwd: project,
    });
    const sizes = JSON.parse(printed) as { name: string; passed: boolean; size: number }[];
    expect(sizes.map(({ passed }) => passed)).toEqual(sizes.map(() => true));
    for (const { size } of sizes) expect(size).toBeGreaterThan(5000);
    const readme = readFileSync(join(project, 'README.md'), 'utf8');
    const stated =
      /`Recommender` is (\d+) kB gzipped\s.*?all of\s+`llminit\/serve` (\d+) kB.*?`llminit\/http` it is (\d+) kB/s.exec(
        readme,
      ) ?? [];
    const [all, recommender, http] = sizes.map(({ size }) => size / 1000);
    for (const [n, size] of [recommender, all, http].entries())
      expect(Math.abs(Number(stated[n + 1]) - size), 'README and the build differ').toBeLessThan(1.5);
  });

  it('is all that is left of an app that imports Recommender from the main entry', async () => {
    const served = await bundled("export { Recommender } from 'llminit/serve';");
    const main = await bundled("export { Recommender } from 'llminit';");
    expect(main.length).toBeLessThan(served.length * 1.02);
    expect((await bundled("export { fit } from 'llminit';")).length).toBeGreaterThan(served.length);
  });
});

describe('the command line', () => {
  const command = (name: string) => {
    const file = Object.keys(outputs).find((path) => outputs[path].entryPoint === `src/cli/${name}.ts`);
    return sourcesBehind(file ?? name);
  };

  it('loads nothing to say its version, and no command to start', () => {
    expect(sourcesOf('cli').sort()).toEqual(['package.json', 'src/cli/main.ts', 'src/cli/version.ts']);
    expect(command('allCommands').filter((file) => file.startsWith('src/cli/commands/'))).toEqual([]);
  });

  it('loads no training code and no charts where a model file is all that a command reads', () => {
    for (const name of ['queries', 'commands/inspect']) {
      const sources = command(name);
      expect(sources).toContain('src/serve/modelFile/decode.ts');
      expect(sources.filter((file) => forbidden.test(file) && !/^src\/(cli|node)\//.test(file))).toEqual([]);
      expect(sources.filter((file) => /vega|cli-progress|threads/.test(file))).toEqual([]);
    }
    expect(command('commands/train').filter((file) => /vega/.test(file))).toEqual([]);
  });
});

describe('a query of the command line', () => {
  const { files, modules } = loadedWith('dist/cli/queries.js');

  it('is in few files, since each takes a moment to find and read', () => {
    expect(sourcesBehind('dist/cli/queries.js')).toContain('src/cli/commands/recommend.ts');
    expect(files.length + loadedWith('dist/cli.js').files.length).toBeLessThanOrEqual(8);
  });

  it('loads no module of Node that takes longer than an answer', () => {
    const slow = ['child_process', 'crypto', 'worker_threads', 'http', 'https', 'net', 'zlib', 'readline'];
    expect(modules.length).toBeGreaterThan(2);
    expect(modules.filter((name) => slow.includes(name.replace(/^node:/, '')))).toEqual([]);
  });
});

describe('importing the package', () => {
  it('leaves nothing behind in a bundle that uses none of it', async () => {
    for (const entry of [
      'llminit',
      'llminit/serve',
      'llminit/http',
      'llminit/kernels',
      'llminit/embedders',
      'llminit/chat',
      'llminit/sequences',
      'llminit/node',
    ]) {
      expect((await bundled(`import '${entry}';`)).length).toBeLessThan(100);
    }
  });

  it('compiles nothing, awaits nothing and touches no global', async () => {
    const script = `
      const before = Reflect.ownKeys(globalThis).length;
      const refuse = () => { throw new Error('work at import'); };
      Object.assign(WebAssembly, { compile: refuse, instantiate: refuse, Module: refuse, Instance: refuse });
      globalThis.atob = refuse;
      for (const entry of ['', '/serve', '/http', '/kernels', '/embedders', '/chat', '/sequences', '/node']) await import('llminit' + entry);
      console.log(Reflect.ownKeys(globalThis).length - before);`;
    expect(
      (await output(process.execPath, ['--input-type=module', '-e', script], { cwd: consumer })).trim(),
    ).toBe('0');
    const scripts = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js') && !/^cli[./\\]/.test(file))
      .map((file) => readFileSync(join(installed, 'dist', file), 'utf8'));
    expect(scripts.length).toBeGreaterThan(10);
    expect(scripts.filter((text) => /^(?:const .*= )?await /m.test(text))).toEqual([]);
  });
});

describe('the manifest', () => {
  const manifest = json<Manifest>(join(project, 'package.json'));
  const jsr = json<Manifest>(join(project, 'jsr.json'));

  it('names only files that the tarball has', () => {
    const files = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    expect(files.filter((file) => !existsSync(join(installed, file)))).toEqual([]);
  });

  it('publishes no path of the machine that built it', () => {
    const texts = readdirSync(installed, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(js|ts|map|json|md|txt)$/.test(file))
      .map((file) => ({ file, text: readFileSync(join(installed, file), 'utf8') }));
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.filter(({ text }) => text.includes(project) || text.includes(`${homedir()}/`))).toEqual([]);
    // esbuild names each part of a bundle by its path, which must begin within the project.
    const parts = texts.flatMap(({ text }) => text.match(/^\/\/ base64:.*$/gm) ?? []);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.filter((part) => !/^\/\/ base64:build\/\w+\.wasm$/.test(part))).toEqual([]);
  });

  it('publishes the licence of every package whose code it bundles, all of them permissive', () => {
    const notices = readFileSync(join(installed, 'dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
    const bundled = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
    const names = bundled.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
    expect(names).toEqual(expect.arrayContaining(['commander', 'vega-lite', 'hyparquet']));
    const found = [...notices.matchAll(/^-+\n(\S+) \S+ \(([\w.-]+)/gm)];
    const missing = new Set(names.filter((name) => !found.some((notice) => notice[1] === name)));
    // What the bundles hold no byte of is not named.
    for (const name of missing) expect(bytesOf(name)).toBe(0);
    const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];
    expect(found.filter((notice) => !permissive.includes(notice[2])).map((notice) => notice[0])).toEqual([]);
    expect(
      notices.match(/Permission (is hereby granted|to use)|Redistribution and use/g)?.length,
    ).toBeGreaterThan(20);
  });

  it('offers every portable entry to Cloudflare and Vercel with the kernels imported', () => {
    for (const entry of ['.', './serve', './http', './kernels', './embedders', './chat', './sequences']) {
      const conditions = manifest.exports[entry] as Record<string, string>;
      expect(Object.keys(conditions)).toEqual(['types', 'workerd', 'edge-light', 'default']);
    }
    for (const [folder, suffix] of [
      ['workerd', ''],
      ['edge-light', '?module'],
    ]) {
      const texts = readdirSync(join(installed, 'dist', folder)).map((file) =>
        readFileSync(join(installed, 'dist', folder, file), 'utf8'),
      );
      const imports = texts.flatMap((text) => text.match(/from "[^"]*\.wasm[^"]*"/g) ?? []);
      expect(imports.sort()).toEqual([`from "../kernels.wasm${suffix}"`, `from "../serving.wasm${suffix}"`]);
      // The magic number of WebAssembly, in base64.
      expect(texts.filter((text) => text.includes('AGFzbQE'))).toEqual([]);
    }
  });

  it('agrees with that for JSR', () => {
    expect(jsr).toMatchObject({ version: manifest.version, license: manifest.license });
    const portable = Object.entries(manifest.exports).filter(([, entry]) => typeof entry !== 'string');
    const scripts = portable.map(([name, entry]) => [name, (entry as Record<string, string>).default]);
    expect(jsr.exports).toEqual(Object.fromEntries(scripts.filter(([, file]) => file.endsWith('.js'))));
  });
});

describeOn('publint and attw', [toolPath('publint'), toolPath('@arethetypeswrong/cli')], () => {
  const tarball = inject('tarball');

  it('find no problem in the tarball (publint)', async () => {
    const printed = await output(process.execPath, [toolPath('publint/src/cli.js'), tarball, '--strict']);
    expect(printed).toMatch(/All good/);
  });

  it('find no problem in the tarball (attw; ESM only)', async () => {
    const attw = toolPath('@arethetypeswrong/cli/dist/index.js');
    const printed = await output(process.execPath, [
      attw,
      tarball,
      '--profile',
      'esm-only',
      '--format',
      'json',
    ]);
    const { analysis } = JSON.parse(printed) as { analysis: { entrypoints: Record<string, unknown> } };
    expect(Object.keys(analysis.entrypoints)).toContain('./kernels');
  });
});

describeOn('JSR', [toolPath('deno/deno')], () => {
  it('accepts the package in a dry run', async () => {
    const cwd = join(consumer, '..', 'jsr');
    cpSync(join(installed, 'dist'), join(cwd, 'dist'), { recursive: true });
    cpSync(join(project, 'jsr.json'), join(cwd, 'jsr.json'));
    const arguments_ = ['publish', '--dry-run', '--allow-dirty'];
    await output(toolPath('deno/deno'), arguments_, {
      cwd,
      env: { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    });
  });
});
