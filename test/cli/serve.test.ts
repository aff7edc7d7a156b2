import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FileJournal } from '../../src/node/journal.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

let cli: Cli;
beforeAll(async () => {
  cli = await Cli.create();
  const { interactions } = smallShop();
  cli.write('r.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
  for (const [seed, out] of [
    ['1', 'm.safetensors'],
    ['2', 'other.safetensors'],
  ]) {
    const args = ['--interactions', 'r.csv', '--init', 'xavier', '--dim', '8', '--epochs', '2', '--quiet'];
    expect(cli.run('train', ...args, '--seed', seed, '--out', out).code).toBe(0);
  }
});
afterEach(() => cli.endStarted());
afterAll(() => cli.remove());

const serve = (...args: string[]) => cli.serve('m.safetensors', ...args);

const ended = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise<number | null>((resolve) => child.once('exit', resolve));

function send(url: string, user: string): Promise<Response> {
  const body = JSON.stringify({ events: [{ user, item: 'i1', time: 1 }] });
  return fetch(`${url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

describe('serve', () => {
  it('answers, and stops in order at SIGTERM', async () => {
    const { child, url } = await serve();
    const answer = await (await fetch(`${url}/v1/recommendations?user=u3&k=3`)).json();
    expect(answer.items).toHaveLength(3);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect((await send(url, 'u1')).status).toBe(404);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
  });

  it('loses no acknowledged event to a kill at any moment', async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const { child, url } = await serve('--journal', 'events.jsonl');
      let sending = true;
      const senders = Array.from({ length: 4 }, async (_, sender) => {
        for (let n = 0; sending; n++) {
          const user = `r${round}s${sender}n${n}`;
          const answer = await send(url, user).catch(() => null);
          if (answer?.status === 200) acknowledged.add(user);
        }
      });
      await delay(100 + 70 * round);
      child.kill('SIGKILL');
      sending = false;
      await Promise.all(senders);
    }
    expect(acknowledged.size).toBeGreaterThan(10);
    const { journal, records } = await FileJournal.open<{ user: string }>(join(cli.folder, 'events.jsonl'));
    await journal.close();
    const kept = new Set(records.map(({ user }) => user));
    expect([...acknowledged].filter((user) => !kept.has(user))).toEqual([]);
  });

  it('recommends by the events of the journal after a kill', async () => {
    const first = await serve('--journal', 'kept.jsonl');
    expect((await send(first.url, 'somebody new')).status).toBe(200);
    first.child.kill('SIGKILL');
    await ended(first.child);
    const { url } = await serve('--journal', 'kept.jsonl');
    const answer = await fetch(`${url}/v1/recommendations?user=somebody%20new&k=100`);
    expect(answer.status).toBe(200);
    const { items } = await answer.json();
    expect(items.map(({ id }: { id: string }) => id)).not.toContain('i1');
  });

  it('opens a replaced file without a failed request', async () => {
    const { child, url, told } = await serve();
    const model = async () => (await (await fetch(`${url}/health`)).json()).model;
    const before = await model();
    let sending = true;
    const statuses = new Set<number>();
    const asking = Array.from({ length: 3 }, async () => {
      while (sending) statuses.add((await fetch(`${url}/v1/recommendations?user=u3`)).status);
    });
    await delay(1200);
    cli.write('m.safetensors', cli.read('other.safetensors'));
    for (let n = 0; n < 100 && (await model()) === before; n++) await delay(100);
    expect(await model()).not.toBe(before);
    cli.write('m.safetensors', 'half a file');
    for (let n = 0; n < 100 && !told().includes('kept the model'); n++) await delay(100);
    sending = false;
    await Promise.all(asking);
    expect([...statuses]).toEqual([200]);
    expect(told()).toMatch(/kept the model as it was: .*m\.safetensors/);
    child.kill('SIGINT');
    expect(await ended(child)).toBe(0);
    cli.write('m.safetensors', cli.read('other.safetensors'));
  }, 60_000);

  it('refuses a blank token by the name of its variable, rather than answer everyone', async () => {
    const { code, stderr } = await cli.answered(['serve', 'm.safetensors', '--port', '0'], {
      LLMINIT_TOKEN: ' ',
    });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/LLMINIT_TOKEN: expected a token/)]);
  });

  it('says what is wrong with a port, a file, a journal', async () => {
    const { url } = await serve();
    const port = new URL(url).port;
    const taken = cli.run('serve', 'm.safetensors', '--port', port);
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringMatching(/EADDRINUSE/)]);
    expect(cli.run('serve', 'm.safetensors', '--port', '70000').stderr).toMatch(/at most 65535/);
    expect(cli.run('serve', 'r.csv', '--port', '0').code).toBe(1);
    const same = cli.run('serve', 'm.safetensors', '--journal', 'm.safetensors');
    expect([same.code, same.stderr]).toEqual([2, expect.stringMatching(/a file of its own/)]);
  });
});
