// Installs what test/platform runs on into .platform/: other versions of Node, Deno, Bun, workerd, bundlers. In CI, as
// root on Debian, the browsers, PostgreSQL, Redis and PyTorch too, and, in a root folder of Debian's unstable release,
// PostgreSQL 18 with pgvector, which the stable release does not have.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeDebianRoot } from './debianRoot.mjs';

const TOOLS = 'test/platform/tools';
const PACKAGES = [
  ...['chromium', 'firefox-esr', 'webkit2gtk-driver', 'xvfb', 'xauth', 'postgresql', 'redis-server'],
  ...['python3-torch', 'python3-numpy', 'debootstrap'],
];
/** What the packages install. Every version of PostgreSQL has a folder of its own in the one named here. */
const FILES = [
  '/usr/bin/chromium',
  '/usr/bin/firefox-esr',
  '/usr/bin/WebKitWebDriver',
  '/usr/bin/Xvfb',
  '/usr/bin/redis-server',
  '/usr/lib/postgresql',
  '/usr/lib/python3/dist-packages/torch',
  '/usr/sbin/debootstrap',
];
const DEBIAN_ROOT = '.platform/debian';
const PGVECTOR = ['postgresql-18', 'postgresql-18-pgvector'];
const PGVECTOR_FILE = `${DEBIAN_ROOT}/usr/share/postgresql/18/extension/vector.control`;

function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2], timeout: 600_000, ...options });
  if (status === 0) return true;
  console.error(`platform-setup: ${command} ${args.join(' ')} failed`);
  process.exit(status ?? 1);
}

const wanted = readFileSync(`${TOOLS}/package.json`);
const marker = '.platform/installed.json';
if (!existsSync(marker) || !readFileSync(marker).equals(wanted)) {
  mkdirSync('.platform', { recursive: true });
  writeFileSync('.platform/package.json', wanted);
  run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: '.platform',
    // ONNX Runtime would else fetch what computes on graphics cards, which nothing here uses.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  });
  writeFileSync(marker, wanted);
}

const missing = FILES.filter((file) => !existsSync(file));
if (missing.length > 0) {
  if (process.env.CI && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], { env });
  } else {
    console.error(
      `Not installed, their tests are skipped: ${missing.join(', ')} (apt-get install ${PACKAGES.join(' ')})`,
    );
  }
}

if (!existsSync(PGVECTOR_FILE)) {
  if (process.env.CI && process.getuid?.() === 0) {
    makeDebianRoot(resolve(DEBIAN_ROOT), PGVECTOR, (command, ...args) => run(command, args));
  } else console.error(`Not installed, its tests are skipped: ${PGVECTOR.join(', ')} in ${DEBIAN_ROOT}`);
}
