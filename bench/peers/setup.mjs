// Installs the peers that the bench compares with: on Debian with root rights clang from its packages and, into the
// git-ignored .bench/, a root folder of its unstable release, whose torch, numpy and scipy are current, with OpenBLAS and
// with Debian's MKL, which is that of 2020; everywhere tfjs.
//
//   node bench/peers/setup.mjs
//
// Takes some minutes and 4 GB. BENCH_PYTHON names another interpreter, e.g. of a virtual environment with torch.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { makeDebianRoot } from '../../scripts/debianRoot.mjs';
import { prepareScratch, SCRATCH } from '../library.mjs';
import { INSTALLED_PYTHON, MKL_PYTHON } from './python.mjs';

const DEBIAN = ['clang', 'lld', 'debootstrap', 'wrk', 'python3-sklearn'];
const PYTHON = [
  ...['python3-torch', 'python3-numpy', 'python3-scipy', 'libopenblas0-pthread'],
  ...['python3-sklearn', 'python3-pandas'],
];
/** The BLAS family of torch's own builds, in an older version. */
const MKL = ['libmkl-rt', 'libmkl-core', 'libmkl-avx2', 'libmkl-avx512', 'libmkl-def', 'libmkl-sequential'];
const NPM = [
  '@tensorflow/tfjs@4.22.0',
  '@tensorflow/tfjs-backend-wasm@4.22.0',
  'usearch@2.25.3',
  'hnswlib-node@3.0.0',
];
const ROOT = `${SCRATCH}/debian`;

prepareScratch();
if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...DEBIAN);
  if (!existsSync(MKL_PYTHON)) installPython();
}
if (!existsSync(`${SCRATCH}/package.json`)) writeFileSync(`${SCRATCH}/package.json`, '{ "private": true }\n');
run('npm', 'install', '--prefix', SCRATCH, '--no-audit', '--no-fund', '--loglevel=error', ...NPM);

function installPython() {
  if (makeDebianRoot(ROOT, [...PYTHON, ...MKL], run, 'main,non-free')) writePython();
}

/** The interpreter of the root folder with its own loader and libraries, so that paths mean the same as outside: once
 *  with OpenBLAS, once with MKL. */
function writePython() {
  const libraries = `${ROOT}/usr/lib`;
  const own = `${libraries}/${readdirSync(libraries).find((name) => name.endsWith('-linux-gnu'))}`;
  const loader = `${own}/${readdirSync(own).find((name) => name.startsWith('ld-linux-'))}`;
  const mkl = `${SCRATCH}/mkl`;
  rmSync(mkl, { recursive: true, force: true });
  mkdirSync(mkl);
  for (const name of ['libblas.so.3', 'liblapack.so.3']) symlinkSync(`${own}/libmkl_rt.so`, `${mkl}/${name}`);
  for (const [file, blas] of [
    [INSTALLED_PYTHON, `${own}/openblas-pthread`],
    [MKL_PYTHON, mkl],
  ]) {
    const environment = `export PYTHONHOME=${ROOT}/usr MKL_THREADING_LAYER=SEQUENTIAL`;
    const command = `exec ${loader} --library-path ${blas}:${own}:${libraries} ${ROOT}/usr/bin/python3 "$@"`;
    writeFileSync(file, `#!/bin/sh\n${environment}\n${command}\n`);
    chmodSync(file, 0o755);
  }
}

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) console.error(`${command} ${args[0]} did not succeed; these peers will be absent`);
  return status === 0;
}
