import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

/** What a run of `scenario.mjs` prints. */
export interface ScenarioResult {
  readonly digest: string;
  /** What the digest is made of, to see where a runtime differs. */
  readonly parts: Readonly<Record<string, unknown>>;
  readonly threads: number;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The packed package. */
    tarball: string;
    /** A folder in which only the packed package is installed, beside the files of test/platform/files. */
    consumer: string;
    /** The scenario on the Node that runs the tests, with one thread. */
    reference: ScenarioResult;
  }
}

const project = fileURLToPath(new URL('../../', import.meta.url));
let folder: string | undefined;

/** Packs dist/ once, installs the tarball in an empty folder and runs the scenario there. */
export function setup({ provide }: TestProject): void {
  if (!existsSync(join(project, 'dist/index.js'))) throw new Error('dist/ is missing: npm run build first');
  folder = mkdtempSync(join(tmpdir(), 'llminit-platform-'));
  const tarball = join(
    folder,
    run(project, 'npm', 'pack', '--ignore-scripts', '--silent', `--pack-destination=${folder}`),
  );
  const consumer = join(folder, 'consumer');
  cpSync(join(project, 'test/platform/files'), consumer, { recursive: true });
  writeFileSync(join(consumer, 'package.json'), '{"private":true,"type":"module"}');
  run(consumer, 'npm', 'install', '--offline', '--silent', '--no-audit', '--no-fund', tarball);
  provide('tarball', tarball);
  provide('consumer', consumer);
  provide('reference', JSON.parse(run(consumer, process.execPath, 'main.mjs')));
}

export function teardown(): void {
  if (folder) rmSync(folder, { recursive: true, force: true });
}

function run(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}\n${stdout}\n${stderr}`);
  return stdout.trim();
}
