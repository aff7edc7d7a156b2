// HTTP over the loopback: what a request costs beside the work itself, whether memory stays, and what reloads and kills lose.
import { fork, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SCRATCH } from '../library.mjs';
import { median } from '../measure.mjs';
import { modelOf } from './serve.mjs';

const FOLDER = `${SCRATCH}/http`;
const ITEMS = 6000;
const CONNECTIONS = 16;
const FULL = { turns: 6, seconds: 5, reloads: 5, kills: 20 };
const QUICK = { turns: 1, seconds: 1, reloads: 1, kills: 2 };

/** Requests for a thousand users in turn, and at the end a line of JSON. */
const SCRIPT = `
local n = 0
local path = "PATH"
request = function()
  n = n + 1
  return wrk.format("GET", (path:gsub("USER", "user" .. (n % 1000))))
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f}\\n', summary.requests,
    summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;

/** Requests a second, processor time, p99 and memory; reloads under load; kills with events in flight. */
export async function http({ library, quick }) {
  if (spawnSync('wrk', ['--version']).error)
    return [
      { key: 'http', title: 'HTTP', rows: [], absent: [{ name: 'wrk', absent: 'it is not installed' }] },
    ];
  const settings = quick ? QUICK : FULL;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, seed] of [
    ['model', 22],
    ['other', 23],
  ])
    writeFileSync(`${FOLDER}/${name}.safetensors`, library.encodeModel(modelOf(ITEMS, seed)));
  spawnSync(process.execPath, ['scripts/build.mjs', '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const found = {
    ...(await requests(settings)),
    reload: await reloads(settings),
    kills: await kills(settings),
  };
  return [{ key: 'http', title: `HTTP, ${ITEMS} items`, rows: [], http: found }];
}

/** Three kinds of requests in turns. */
async function requests({ turns, seconds }) {
  const kinds = [
    { name: 'node:http, a text', server: 'raw', path: '/' },
    { name: 'createHandler, /health', server: 'handler', path: '/health' },
    { name: 'createHandler, a recommendation', server: 'handler', path: '/v1/recommendations?user=USER' },
  ];
  const servers = { raw: await serverOf('raw'), handler: await serverOf('handler') };
  for (const [n, { path }] of kinds.entries())
    writeFileSync(`${FOLDER}/${n}.lua`, SCRIPT.replace('PATH', path));
  for (const [n, { server }] of kinds.entries()) await load(servers[server].port, n, Math.min(2, seconds));
  const samples = kinds.map(() => []);
  const bytes = [];
  const direct = [];
  for (let turn = 0; turn < turns; turn++) {
    direct.push((await servers.handler.ask('direct')).directMs);
    for (const [n, { server }] of kinds.entries()) {
      const before = await servers[server].ask('usage');
      const sample = await load(servers[server].port, n, seconds);
      const after = await servers[server].ask('usage');
      samples[n].push({ ...sample, cpuMs: (after.cpuMs - before.cpuMs) / sample.requests });
      if (n === 2) bytes.push(after.bytes);
    }
  }
  for (const server of Object.values(servers)) server.stop();
  const rows = kinds.map(({ name }, n) => ({
    name,
    cpuMs: median(samples[n].map(({ cpuMs }) => cpuMs)),
    perSecond: median(samples[n].map((sample) => sample.requests / sample.seconds)),
    p50: median(samples[n].map(({ p50 }) => p50)),
    p99: median(samples[n].map(({ p99 }) => p99)),
    requests: samples[n].reduce((sum, sample) => sum + sample.requests, 0),
    failed: samples[n].reduce((sum, sample) => sum + sample.failed, 0),
  }));
  return { requests: rows, directMs: median(direct), bytes };
}

/** One server process. */
async function serverOf(kind) {
  const child = fork('bench/httpServer.mjs', [kind, `${FOLDER}/model.safetensors`]);
  const answer = () => new Promise((resolve) => child.once('message', resolve));
  const { port } = await answer();
  return {
    port,
    ask(what) {
      const told = answer();
      child.send({ ask: what });
      return told;
    },
    stop: () => child.disconnect(),
  };
}

/** What wrk says of one script. */
function load(port, script, seconds) {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', `${FOLDER}/${script}.lua`];
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', [...args, `http://127.0.0.1:${port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(out.trim().split('\n').at(-1))));
  });
}

/** `llminit serve`, and its address. */
async function service(...args) {
  const child = spawn(process.execPath, [
    'dist/cli.js',
    'serve',
    `${FOLDER}/served.safetensors`,
    '--port',
    '0',
    ...args,
  ]);
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!/at http:\S+/.test(told)) {
    if (child.exitCode !== null) throw new Error(`llminit serve did not start: ${told}`);
    await delay(10);
  }
  return {
    child,
    ended,
    url: /at (http:\S+)/.exec(told)[1],
    opened: () => told.match(/opened .* anew/g)?.length ?? 0,
  };
}

/** The model file is replaced again and again under load. */
async function reloads({ reloads: times }) {
  copyFileSync(`${FOLDER}/model.safetensors`, `${FOLDER}/served.safetensors`);
  const { child, ended, url, opened } = await service();
  let isRunning = true;
  let failed = 0;
  const senders = Array.from({ length: 4 }, async (_, sender) => {
    let count = 0;
    for (; isRunning; count++) {
      const answer = await fetch(`${url}/v1/recommendations?user=user${(count * 4 + sender) % 1000}`).catch(
        () => null,
      );
      if (answer?.status !== 200 || (await answer.json()).items.length !== 10) failed++;
    }
    return count;
  });
  for (let n = 0; n < times; n++) {
    copyFileSync(`${FOLDER}/${n % 2 === 0 ? 'other' : 'model'}.safetensors`, `${FOLDER}/next.safetensors`);
    renameSync(`${FOLDER}/next.safetensors`, `${FOLDER}/served.safetensors`);
    for (let waited = 0; opened() <= n && waited < 400; waited++) await delay(50);
  }
  isRunning = false;
  const counts = await Promise.all(senders);
  child.kill('SIGTERM');
  await ended;
  return { times: opened(), requests: counts.reduce((a, b) => a + b, 0), failed };
}

/** SIGKILL at random moments while events are sent; then every acknowledged event is looked for in the journal. */
async function kills({ kills: times }) {
  const journal = `${FOLDER}/events.jsonl`;
  const acknowledged = [];
  for (let round = 0; round < times; round++) {
    const { child, ended, url } = await service('--journal', journal);
    let isRunning = true;
    const senders = Array.from({ length: 4 }, async (_, sender) => {
      for (let n = 0; isRunning; n++) {
        const user = `r${round}s${sender}n${n}`;
        const body = JSON.stringify({ events: [{ user, item: 'B00000001', time: 1 }] });
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers, body }).catch(() => null);
        if (answer?.status === 200) acknowledged.push(user);
      }
    });
    await delay(50 + ((round * 7919) % 200));
    child.kill('SIGKILL');
    isRunning = false;
    await Promise.all([...senders, ended]);
  }
  const { child, ended } = await service('--journal', journal);
  child.kill('SIGTERM');
  await ended;
  const kept = new Set(
    readFileSync(journal, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))).user),
  );
  return {
    times,
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((user) => !kept.has(user)).length,
  };
}
