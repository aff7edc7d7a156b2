import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildCli } from '../../scripts/cliBuild.mjs';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The bundled command line, run as a child process in a temporary folder of its own. */
export class Cli {
  readonly folder = mkdtempSync(join(tmpdir(), 'llminit-cli-'));
  /** Apart from the folder, whose files the tests list. */
  readonly #build = mkdtempSync(join(tmpdir(), 'llminit-cli-build-'));
  readonly #bundle = join(this.#build, 'cli.js');
  readonly #started: ChildProcess[] = [];

  /** Bundles src/cli as the package does. */
  static async create(): Promise<Cli> {
    const cli = new Cli();
    await buildCli(cli.#build);
    writeFileSync(join(cli.#build, 'package.json'), '{"type":"module"}');
    return cli;
  }

  /** Puts the packages of a folder beside the command, as if they were installed with it. */
  install(nodeModules: string): void {
    symlinkSync(nodeModules, join(this.#build, 'node_modules'));
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

  /** Starts a command, which ends with `remove` at the latest. */
  start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [this.#bundle, ...args], { cwd: this.folder });
    this.#started.push(child);
    return child;
  }

  /** Starts `serve` at a free port and waits for its address. */
  async serve(
    model: string,
    ...args: string[]
  ): Promise<{ child: ChildProcess; url: string; told: () => string }> {
    const child = this.start('serve', model, '--port', '0', ...args);
    let stderr = '';
    child.stderr!.on('data', (chunk) => {
      stderr += chunk;
    });
    for (let n = 0; n < 400; n++) {
      const url = /at (http:\S+)/.exec(stderr)?.[1];
      if (url) return { child, url, told: () => stderr };
      if (child.exitCode !== null) break;
      await delay(25);
    }
    throw new Error(`the service did not start: ${stderr}`);
  }

  /** Ends what was started and still runs. */
  endStarted(): void {
    for (const child of this.#started.splice(0)) child.kill('SIGKILL');
  }

  /** As `run`, while this process goes on, so that it can be a server; with more environment variables. */
  answered(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    const env = { ...process.env, ...environment };
    return this.#resultOf(spawn(process.execPath, [this.#bundle, ...args], { cwd: this.folder, env }));
  }

  /** As `shell`, while servers of the test go on. */
  shellAnswered(line: string): Promise<CliResult> {
    return this.#resultOf(spawn('sh', ['-c', this.#shellLine(line)], { cwd: this.folder }));
  }

  #resultOf(child: ChildProcessWithoutNullStreams): Promise<CliResult> {
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  }

  /** Runs a line of shell in which `llminit` is the command. */
  shell(line: string): CliResult {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', this.#shellLine(line)], {
      cwd: this.folder,
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  }

  #shellLine(line: string): string {
    return line.replaceAll('llminit', `"${process.execPath}" "${this.#bundle}"`);
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
    this.endStarted();
    for (const folder of [this.folder, this.#build]) rmSync(folder, { recursive: true });
  }
}
