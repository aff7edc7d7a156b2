// A day in miniature: a service with events, forgotten people, hidden items and replaced models, under load. Every answer
// must be right in form, none an error, and memory must not grow.
//
//   npm run soak -- [--seconds 600] [--connections 8] [--seed 1]
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCatalogue } from '../examples/demo/makeCatalogue.mjs';
import { generator } from './fuzz/mutate.mjs';

const CLI = resolve(fileURLToPath(new URL('../dist/cli.js', import.meta.url)));
const TOKEN = 'soak';
/** How often the model file is replaced. */
const RELOAD_MS = 5000;
/** People of whom events come, beside those of the model: as many as a service would remember. */
const GUESTS = 500;
/** Pauses of a connection between two requests, on average. */
const PAUSE_MS = 5;

const ended = (child) => new Promise((done) => child.on('exit', done));

async function trainModels(folder) {
  const { items, interactions } = makeCatalogue();
  const csv = (head, rows) =>
    [head, ...rows]
      .map((cells) => cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(','))
      .join('\n');
  const write = (name, head, rows) => writeFileSync(join(folder, name), csv(head, rows));
  write('products.csv', ['item_id', 'title', 'description'], items.map(Object.values));
  write('ratings.csv', ['user_id', 'item_id', 'rating'], interactions);
  for (const seed of [0, 1]) {
    const args = [
      '--interactions',
      'ratings.csv',
      '--items',
      'products.csv',
      '--dim',
      '16',
      '--seed',
      `${seed}`,
    ];
    const child = spawn(
      process.execPath,
      [CLI, 'train', ...args, '--quiet', '--out', `model${seed}.safetensors`],
      {
        cwd: folder,
        stdio: 'inherit',
      },
    );
    if ((await ended(child)) !== 0) throw new Error('the training failed');
  }
  const itemIds = [...new Set(interactions.map(([, item]) => item))];
  return { users: [...new Set(interactions.map(([user]) => user))], items: itemIds };
}

function ask(agent, origin, path, body) {
  const options = {
    agent,
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
  };
  return new Promise((done, fail) => {
    const sent = request(origin + path, options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => done({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
      response.on('error', fail);
    });
    sent.on('error', fail);
    sent.end(body && JSON.stringify(body));
  });
}

/** One request of the mix, and whether an answer is as it must be. */
function nextRequest(random, { users, items }) {
  const user = () => users[random.below(users.length)];
  const item = () => items[random.below(items.length)];
  const guest = () => `guest ${random.below(GUESTS)}`;
  const listed = ({ items: found }) =>
    Array.isArray(found) && found.every(({ score }) => Number.isFinite(score));
  const kind = random.below(100);
  if (kind < 45)
    return { path: `/v1/recommendations?user=${encodeURIComponent(user())}&k=10`, isRight: listed };
  if (kind < 60)
    return { path: '/v1/recommendations', body: { history: [item(), item()], k: 10 }, isRight: listed };
  if (kind < 75) return { path: `/v1/similar?item=${encodeURIComponent(item())}&k=10`, isRight: listed };
  if (kind < 80) return { path: '/v1/popular?k=10', isRight: listed };
  if (kind < 97)
    return {
      path: '/v1/events',
      body: {
        events: [{ user: random.chance(0.5) ? user() : guest(), item: item(), liked: random.chance(0.8) }],
      },
      isRight: ({ accepted }) => accepted === 1,
    };
  const change = random.chance(0.5)
    ? { op: 'removeUser', user: guest() }
    : { op: 'hideItems', ids: [item()], hidden: random.chance(0.5) };
  return {
    path: '/v1/changes',
    body: { change } /** A guest of whom nothing is known is refused. */,
    statuses: change.op === 'removeUser' ? [200, 422] : [200],
    isRight: ({ applied, code }) =>
      applied === change.op || (change.op === 'removeUser' && code === 'ERR_LLMINIT_DATA'),
  };
}

const residentMB = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** @returns counts, latencies and memory of a service that was used for so many seconds */
export async function soak({ seconds = 600, connections = 8, seed = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'llminit-soak-'));
  const catalogue = await trainModels(folder);
  copyFileSync(join(folder, 'model0.safetensors'), join(folder, 'model.safetensors'));
  const service = spawn(
    process.execPath,
    [CLI, 'serve', 'model.safetensors', '--port', '0', '--journal', 'events.jsonl'],
    { cwd: folder, env: { ...process.env, LLMINIT_TOKEN: TOKEN }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exit = ended(service);
  let told = '';
  const origin = await new Promise((done, fail) => {
    service.stderr.on('data', (part) => {
      told += part;
      const found = /at (http:\S+)/.exec(told);
      if (found) done(found[1]);
    });
    exit.then(() => fail(new Error(told)));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const seen = { requests: 0, events: 0, errors: [], latencies: [], memory: [] };
  const end = performance.now() + 1000 * seconds;
  const connection = async (n) => {
    const random = generator(seed * 1009 + n);
    while (performance.now() < end) {
      const { path, body, isRight, statuses = [200] } = nextRequest(random, catalogue);
      const started = performance.now();
      try {
        const { status, text } = await ask(agent, origin, path, body);
        if (!statuses.includes(status) || !isRight(JSON.parse(text)))
          seen.errors.push(`${path}: ${status} ${text.slice(0, 200)}`);
      } catch (error) {
        seen.errors.push(`${path}: ${error.message}`);
      }
      seen.requests++;
      if (path === '/v1/events') seen.events++;
      seen.latencies.push(performance.now() - started);
      await new Promise((resume) => setTimeout(resume, 2 * PAUSE_MS * (random.below(1000) / 1000)));
    }
  };
  let replaced = 0;
  const reloads = setInterval(() => {
    copyFileSync(join(folder, `model${++replaced % 2}.safetensors`), join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'model.safetensors'));
  }, RELOAD_MS);
  const watch = setInterval(() => seen.memory.push(residentMB(service.pid)), 1000);
  await Promise.all(Array.from({ length: connections }, (_, n) => connection(n)));
  clearInterval(reloads);
  clearInterval(watch);
  agent.destroy();
  service.kill('SIGTERM');
  const code = await exit;
  const records = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').length;
  rmSync(folder, { recursive: true, force: true });
  const opened = told.split('anew').length - 1;
  const noise = told.split('\n').filter((line) => line && !/ anew$|serves|stopping|records$/.test(line));
  const fifth = Math.max(1, Math.floor(seen.memory.length / 5));
  const ordered = seen.latencies.sort((a, b) => a - b);
  return {
    requests: seen.requests,
    ...{ events: seen.events, records, replaced, opened, code, noise },
    errors: seen.errors,
    p50: ordered[ordered.length >> 1],
    p99: ordered[Math.floor(ordered.length * 0.99)],
    slowest: ordered.at(-1),
    earlyMB: median(seen.memory.slice(fifth, 2 * fifth)),
    lateMB: median(seen.memory.slice(-fifth)),
  };
}

/** Memory of the last fifth of the time may be so much more than that of the second. */
const MOST_GROWTH = 1.15;

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '600' },
      connections: { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
    },
  });
  const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const { errors, noise, ...found } = await soak(numbers);
  console.table(found);
  for (const line of [...errors.slice(0, 10), ...noise.slice(0, 10)]) console.log(line);
  const flat = found.lateMB <= MOST_GROWTH * found.earlyMB;
  console.log(`${errors.length} errors, ${noise.length} complaints, memory ${flat ? 'flat' : 'grows'}`);
  process.exitCode = errors.length + noise.length > 0 || !flat || found.code !== 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
