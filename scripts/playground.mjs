// Builds examples/playground into its dist/, a folder for any static host, and serves it unless told otherwise. The page has
// packages of its own, which are installed into its folder once. After scripts/build.mjs.
//
//   node scripts/playground.mjs           builds, and serves it on the loopback
//   node scripts/playground.mjs --build   builds only
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'examples/playground';
const MARKER = join(PAGE, 'node_modules/.installed.json');

function run(command, args, cwd) {
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status } = spawnSync(command, args, {
    cwd,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const wanted = readFileSync(join(PAGE, 'package.json'));
if (!existsSync(MARKER) || !readFileSync(MARKER).equals(wanted)) {
  // Scripts of packages would fetch what only Node needs.
  const flags = [
    '--include=dev',
    '--ignore-scripts',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  run('npm', ['install', ...flags], PAGE);
  writeFileSync(MARKER, wanted);
}
run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', PAGE], '.');
const vite = join('node_modules', 'vite', 'bin', 'vite.js');
run(process.execPath, [vite, 'build', '--logLevel', 'warn'], PAGE);
if (!process.argv.includes('--build')) run(process.execPath, [vite, 'preview'], PAGE);
