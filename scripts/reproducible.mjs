// Builds and packs the package in two folders of other names and compares the tarballs, byte by byte. Prints the digest.
//
//   node scripts/reproducible.mjs             two builds
//   node scripts/reproducible.mjs X.tgz       one build, which must give the bytes of X.tgz
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PLACES = ['a', 'another folder, further down/é'];

function run(cwd, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The sources as they are, committed or not, with the installed packages: linked where the disk allows it. */
function copyTo(folder) {
  for (const file of run('.', 'git', 'ls-files', '-co', '--exclude-standard', '-z').split('\0')) {
    if (file === '') continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(file, join(folder, file));
  }
  const linked = spawnSync('cp', ['-al', 'node_modules', join(folder, 'node_modules')]).status === 0;
  if (!linked) run(folder, 'npm', 'ci', '--no-audit', '--no-fund', '--prefer-offline');
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

const root = mkdtempSync(join(tmpdir(), 'llminit-reproducible-'));
try {
  const [given] = process.argv.slice(2);
  const places = given ? PLACES.slice(1) : PLACES;
  const digests = places.map((place) => {
    const folder = join(root, place);
    copyTo(folder);
    run(folder, process.execPath, 'scripts/build.mjs', '--quiet');
    const tarball = run(folder, 'npm', 'pack', '--ignore-scripts', '--silent').trim();
    return digestOf(join(folder, tarball));
  });
  if (given) digests.push(digestOf(given));
  if (digests[0] !== digests[1]) throw new Error(`the tarballs differ: ${digests.join(', ')}`);
  console.log(`sha256 ${digests[0]}`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
