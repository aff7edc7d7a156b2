import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output, type RunningChild, start } from './child.ts';

/** The root folder of Debian's unstable release, which `npm run platform` makes. */
const ROOT = fileURLToPath(new URL('../../.platform/debian', import.meta.url));
const PROGRAMS = '/usr/lib/postgresql/18/bin';

/** Where the extension must be for tests that need the server. */
export const PGVECTOR = join(ROOT, 'usr/share/postgresql/18/extension/vector.control');

/** PostgreSQL 18 with pgvector, of the test's own: on a free port of loopback, in a temporary folder of the root folder. */
export class PgvectorServer {
  readonly port: number;
  readonly #folder: string;
  readonly #server: RunningChild;

  private constructor(port: number, folder: string, server: RunningChild) {
    this.port = port;
    this.#folder = folder;
    this.#server = server;
  }

  static async start(): Promise<PgvectorServer> {
    const folder = mkdtempSync(join(ROOT, 'tmp/llminit-'));
    const [user, group] = idsOf('postgres');
    chownSync(folder, user, group);
    const data = `/tmp/${basename(folder)}/data`;
    const inside = [`--userspec=${user}:${group}`, ROOT];
    const init = ['-D', data, '-U', 'tester', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await output('chroot', [...inside, `${PROGRAMS}/initdb`, ...init], { timeoutMs: 120_000 });
    const port = await freePort();
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
    const flags = [...settings, 'dynamic_shared_memory_type=mmap'].flatMap((setting) => ['-c', setting]);
    const server = start('chroot', [...inside, `${PROGRAMS}/postgres`, '-D', data, ...flags], {
      timeoutMs: 300_000,
    });
    await server.until(/ready to accept connections/);
    return new PgvectorServer(port, folder, server);
  }

  /** The address of the server, or of something else at a port that leads to it. */
  url(port = this.port): string {
    return `postgres://tester@127.0.0.1:${port}/postgres`;
  }

  /** What starts psql with this server. */
  get psqlCommand(): readonly string[] {
    const server = ['-h', '127.0.0.1', '-p', `${this.port}`, '-U', 'tester', 'postgres'];
    return ['chroot', ROOT, `${PROGRAMS}/psql`, '-X', '-q', '-At', ...server];
  }

  /** Runs a script as `psql -f` does, and gives what it prints. */
  psql(script: string): { status: number | null; stdout: string; stderr: string } {
    const [command, ...args] = this.psqlCommand;
    return spawnSync(command, args, { input: script, encoding: 'utf8', maxBuffer: 2 ** 26 });
  }

  async stop(): Promise<void> {
    const ended = once(this.#server.process, 'close');
    this.#server.process.kill('SIGINT');
    await ended;
    this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Of a user of the root folder. */
function idsOf(name: string): [user: number, group: number] {
  const line = readFileSync(join(ROOT, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , user, group] = line!.split(':').map(Number);
  return [user, group];
}

/** A port of loopback that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
