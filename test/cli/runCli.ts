import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As in scripts/build.mjs. */
const inlineWasm: Plugin = {
  name: 'inline-wasm',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?base64$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(0, -'?base64'.length)),
      namespace: 'base64',
    }));
    onLoad({ filter: /.*/, namespace: 'base64' }, ({ path }) => ({
      contents: readFileSync(path),
      loader: 'base64',
    }));
  },
};

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The bundled command line, run as a child process in a temporary folder of its own. */
export class Cli {
  readonly folder = mkdtempSync(join(tmpdir(), 'llminit-cli-'));
  readonly #bundle = join(this.folder, 'cli.mjs');

  /** Bundles src/cli as scripts/build.mjs does. */
  static async create(): Promise<Cli> {
    const cli = new Cli();
    await build({
      entryPoints: [join(root, 'src/cli/main.ts')],
      outfile: cli.#bundle,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      platform: 'node',
      plugins: [inlineWasm],
      alias: { '@assemblyscript/loader': join(root, 'node_modules/@assemblyscript/loader/index.js') },
      external: ['@xenova/transformers', '@huggingface/transformers'],
      banner: {
        js: "import { createRequire as llminitRequire } from 'node:module';const require = llminitRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    return cli;
  }

  run(...args: string[]): CliResult {
    const options = { cwd: this.folder, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.#bundle, ...args], options);
    return { code: status, stdout, stderr };
  }

  /** Runs a command that must succeed and gives the one JSON document it prints. */
  json<T>(...args: string[]): T {
    const { code, stdout, stderr } = this.run(...args, '--json');
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [this.#bundle, ...args], { cwd: this.folder });
  }

  /** Runs a line of shell in which `llminit` is the command. */
  shell(line: string): CliResult {
    const command = line.replaceAll('llminit', `"${process.execPath}" "${this.#bundle}"`);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: this.folder,
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  }

  write(file: string, content: string | Uint8Array): void {
    writeFileSync(join(this.folder, file), content);
  }

  read(file: string): Uint8Array {
    return readFileSync(join(this.folder, file));
  }

  has(file: string): boolean {
    return existsSync(join(this.folder, file));
  }

  files(): string[] {
    return readdirSync(this.folder).sort();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
