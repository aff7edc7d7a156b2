// Installs the peers that the bench compares with: on Debian with root rights torch, numpy, scipy and clang from its
// packages, everywhere tfjs into the git-ignored .bench/.
//
//   node bench/peers/setup.mjs
//
// BENCH_PYTHON names another interpreter, e.g. of a virtual environment with a newer torch.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { prepareScratch, SCRATCH } from '../library.mjs';

const DEBIAN = ['python3-torch', 'python3-numpy', 'python3-scipy', 'libopenblas0-pthread', 'clang', 'lld'];
const NPM = ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'];

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) console.error(`${command} ${args[0]} did not succeed; these peers will be absent`);
}

if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...DEBIAN);
}
prepareScratch();
if (!existsSync(`${SCRATCH}/package.json`)) writeFileSync(`${SCRATCH}/package.json`, '{ "private": true }\n');
run('npm', 'install', '--prefix', SCRATCH, '--no-audit', '--no-fund', '--loglevel=error', ...NPM);
