import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { output, type RunningChild, start } from './child.ts';
import { importTool } from './tools.ts';

/** Debian puts each version into a folder of its own, outside of PATH. */
const DEBIAN = '/usr/lib/postgresql';
const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
const programs = join(DEBIAN, versions[0] ?? '15', 'bin');

/** Where the server must be for tests that need one. */
export const SERVER_PROGRAM = join(programs, 'postgres');

interface Client {
  connect(): Promise<void>;
  query(text: string): Promise<{ rows: unknown[] }>;
  query(stream: NodeJS.WritableStream): NodeJS.WritableStream;
  end(): Promise<void>;
}
type ClientConstructor = new (options: object) => Client;

/** A PostgreSQL server of the test's own: in a temporary folder, behind a socket in it, of a user without privileges. */
export class PostgresServer {
  readonly #folder: string;
  readonly #server: RunningChild;
  readonly #client: Client;

  private constructor(folder: string, server: RunningChild, client: Client) {
    this.#folder = folder;
    this.#server = server;
    this.#client = client;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'llminit-postgres-'));
    const data = join(folder, 'data');
    try {
      const asUser = await unprivileged(folder);
      const init = [join(programs, 'initdb'), '-D', data, '-U', 'tester', '-A', 'trust', '-E', 'UTF8'];
      const [initdb, ...initArgs] = [...asUser, ...init, '--locale=C', '--no-sync'];
      await output(initdb, initArgs, { cwd: folder });
      const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off'];
      const flags = settings.flatMap((setting) => ['-c', setting]);
      const [postgres, ...args] = [...asUser, SERVER_PROGRAM, '-D', data, ...flags];
      const server = start(postgres, args, { cwd: folder, timeoutMs: 120_000 });
      await server.until(/ready to accept connections/);
      const { default: pg } = await importTool<{ default: { Client: ClientConstructor } }>('pg');
      const client = new pg.Client({ host: folder, user: 'tester', database: 'postgres' });
      await client.connect();
      return new PostgresServer(folder, server, client);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Says to a program where the server is. */
  get environment(): Readonly<Record<string, string>> {
    return { PGHOST: this.#folder, PGUSER: 'tester', PGDATABASE: 'postgres' };
  }

  async sql<Row = unknown>(text: string): Promise<Row[]> {
    return (await this.#client.query(text)).rows as Row[];
  }

  /** Fills a table from a CSV with a header. */
  async copy(table: string, file: string): Promise<void> {
    type Copy = { default: { from(text: string): NodeJS.WritableStream } };
    const { default: streams } = await importTool<Copy>('pg-copy-streams');
    const into = this.#client.query(streams.from(`COPY ${table} FROM STDIN (FORMAT csv, HEADER)`));
    await pipeline(createReadStream(file), into);
  }

  async stop(): Promise<void> {
    await this.#client.end();
    // Killed, it would leave its shared memory behind.
    const ended = once(this.#server.process, 'close');
    this.#server.process.kill('SIGINT');
    await ended;
    this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What a command begins with, so that it does not run as root, which PostgreSQL refuses. */
async function unprivileged(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const id = async (flag: string) => Number(await output('id', [flag, 'postgres']));
  const [user, group] = [await id('-u'), await id('-g')];
  chownSync(folder, user, group);
  chmodSync(folder, 0o755);
  return ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
}
