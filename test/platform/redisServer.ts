import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningChild, start } from './child.ts';

/** Where Debian puts it. */
export const REDIS_PROGRAM = '/usr/bin/redis-server';

/** A Redis of the test's own: on a free port of this machine, with nothing kept on the disk. */
export class RedisServer {
  readonly #child: RunningChild;
  readonly #folder: string;
  readonly url: string;

  private constructor(child: RunningChild, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
  }

  static async start(...more: string[]): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), 'llminit-redis-'));
    const port = await freePort();
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = start(REDIS_PROGRAM, [...settings, '--dir', folder, ...more], { timeoutMs: 120_000 });
    await child.until(/Ready to accept connections/);
    return new RedisServer(child, folder, `redis://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child.process, 'close');
    this.#child.stop();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
