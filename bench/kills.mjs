// SIGKILL at random moments: each command is killed again and again and started anew with the same words, until it has
// ended; what it leaves must be what an uninterrupted run leaves, and nothing finished may be lost on the way.
//
//   npm run kills -- [--kills 100] [--seed 1] [--command train]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { makeCatalogue } from '../examples/demo/makeCatalogue.mjs';
import { generator } from './fuzz/mutate.mjs';

const CLI = resolve(fileURLToPath(new URL('../dist/cli.js', import.meta.url)));

/** How often a command may be started before it has to have ended: kills come at any moment of an undisturbed run. */
const MOST_STARTS = 60;

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

const COMMANDS = {
  train: {
    args: ['train', ...data(), '--dim', '16', '--checkpoint', 'run.ckpt', '--out', 'model.safetensors'],
    /** Added from the second start on. */
    again: ['--resume'],
    result: (folder) => sha(readFileSync(join(folder, 'model.safetensors'))),
  },
  evaluate: {
    args: [
      'evaluate',
      ...data(),
      '--dim',
      '16',
      '--epochs',
      '4',
      '--init',
      'xavier,variance,pca',
      '--seeds',
      '0,1',
      '--results',
      'runs.json',
    ],
    result: (folder) => sha(sorted(JSON.parse(readFileSync(join(folder, 'runs.json'))).runs)),
    records: (folder) =>
      existsSync(join(folder, 'runs.json'))
        ? JSON.parse(readFileSync(join(folder, 'runs.json'))).runs.length
        : 0,
  },
  reproduce: {
    args: [
      'reproduce',
      'inits',
      ...data(),
      '--models',
      'lightgcn',
      '--inits',
      'xavier,pca',
      '--seeds',
      '0,1',
      '--dim',
      '16',
      '--epochs',
      '3',
      '--no-baselines',
      '--out',
      'study',
    ],
    result: (folder) =>
      sha(
        sorted(
          JSON.parse(readFileSync(join(folder, 'study/study.json'))).runs.map(
            ({ result: { seconds: _, ...result }, ...run }) => ({ ...run, result }),
          ),
        ),
      ),
    records: (folder) =>
      existsSync(join(folder, 'study/study.json'))
        ? JSON.parse(readFileSync(join(folder, 'study/study.json'))).runs.length
        : 0,
  },
  embed: {
    args: [
      'embed',
      '--items',
      'products.csv',
      '--embedder',
      'transformers',
      '--encoder',
      'tiny',
      '--model-folder',
      'models',
      '--cache',
      'cache',
      '--out',
      'vectors.safetensors',
    ],
    prepare: async (folder) =>
      run(folder, [
        fileURLToPath(new URL('../scripts/make-tiny-model.mjs', import.meta.url)),
        join(folder, 'models/tiny'),
      ]),
    result: (folder) => sha(readFileSync(join(folder, 'vectors.safetensors'))),
  },
  dataset: {
    args: (base) => [
      'dataset',
      'amazon-2014',
      'Office_Products',
      '--base-url',
      base,
      '--k-core',
      '2',
      '--out',
      'data',
    ],
    result: (folder) =>
      sha(
        ['Office_Products.inter', 'Office_Products.item']
          .map((file) => readFileSync(join(folder, 'data', file), 'utf8'))
          .join(),
      ),
  },
};

function data() {
  return [
    '--interactions',
    'ratings.csv',
    '--items',
    'products.csv',
    '--min-rating',
    '4',
    '--k-core',
    '3',
    '--quiet',
  ];
}

const sorted = (runs) => JSON.stringify(runs.map((one) => JSON.stringify(one)).sort());

/** Starts a program in a folder; kills it after `killAfter` ms unless it has ended. */
function run(folder, args, killAfter = Number.POSITIVE_INFINITY) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-2000);
    });
    const timer = Number.isFinite(killAfter) ? setTimeout(() => child.kill('SIGKILL'), killAfter) : null;
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, stderr });
    });
  });
}

function fill(folder) {
  const { items, interactions } = makeCatalogue();
  const csv = (head, rows) =>
    [head, ...rows]
      .map((cells) => cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(','))
      .join('\n');
  writeFileSync(
    join(folder, 'products.csv'),
    csv(['item_id', 'title', 'description'], items.map(Object.values)),
  );
  writeFileSync(join(folder, 'ratings.csv'), csv(['user_id', 'item_id', 'rating'], interactions));
  return { items, interactions };
}

/** Serves a catalogue as the 2014 datasets are served, slowly enough to be killed in the middle; answers ranges. */
function serveDataset({ items, interactions }) {
  const files = {
    '/ratings_Office_Products.csv': Buffer.from(
      interactions.map(([user, item, rating], n) => `${user},${item},${rating},${1e9 + n}`).join('\n'),
    ),
    '/meta_Office_Products.json.gz': gzipSync(
      items
        .map(
          ({ id, title, description }) =>
            `{'asin': '${id}', 'title': ${JSON.stringify(title)}, 'description': ${JSON.stringify(description)}}`,
        )
        .join('\n'),
    ),
  };
  const server = createServer((request, response) => {
    const body = files[request.url];
    const from =
      request.headers['if-range'] === '"v1"'
        ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
        : 0;
    if (from >= body.length)
      return response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': body.length - from });
    const step = Math.ceil(body.length / 40);
    const send = (at) =>
      at >= body.length
        ? response.end()
        : response.write(body.subarray(at, at + step), () => setTimeout(send, 10, at + step));
    send(from);
  });
  return new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(server)));
}

/** @returns what was seen of one command: kills, starts, whether the result is that of an uninterrupted run */
export async function killAgainAndAgain(name, { kills, seed, log = () => {} }) {
  const command = COMMANDS[name];
  const root = mkdtempSync(join(tmpdir(), 'llminit-kills-'));
  const random = generator(seed);
  const made = fill(root);
  const server = typeof command.args === 'function' ? await serveDataset(made) : null;
  const args = server ? command.args(`http://127.0.0.1:${server.address().port}`) : command.args;
  try {
    const fresh = async (folder) => {
      mkdirSync(join(root, folder));
      fill(join(root, folder));
      await command.prepare?.(join(root, folder));
      return join(root, folder);
    };
    const whole = await fresh('whole');
    const started = performance.now();
    const undisturbed = await run(whole, [CLI, ...args]);
    const took = performance.now() - started;
    if (undisturbed.code !== 0)
      throw new Error(`${name} ended with ${undisturbed.code}: ${undisturbed.stderr}`);
    const expected = command.result(whole);
    const seen = {
      command: name,
      kills: 0,
      rounds: 0,
      starts: 0,
      lost: 0,
      wrong: 0,
      stuck: 0,
      ms: Math.round(took),
    };
    while (seen.kills < kills) {
      const folder = await fresh(`round${seen.rounds++}`);
      let records = 0;
      for (let start = 0; ; start++) {
        seen.starts++;
        // A checkpoint is there to be resumed once the first one has been written.
        const again = start > 0 && existsSync(join(folder, 'run.ckpt')) ? (command.again ?? []) : [];
        const last = start >= MOST_STARTS || seen.kills >= kills;
        const { code, signal, stderr } = await run(
          folder,
          [CLI, ...args, ...again],
          last ? undefined : 50 + random.below(took * 1.05),
        );
        const now = command.records?.(folder) ?? 0;
        if (now < records) seen.lost += records - now;
        records = now;
        if (signal === 'SIGKILL') {
          seen.kills++;
          continue;
        }
        if (start >= MOST_STARTS) seen.stuck++;
        if (code !== 0 || command.result(folder) !== expected) {
          seen.wrong++;
          log(`${name}, round ${seen.rounds}: exit ${code} ${stderr.trim().split('\n').at(-1)}`);
        }
        break;
      }
      rmSync(folder, { recursive: true, force: true });
    }
    return seen;
  } finally {
    server?.closeAllConnections();
    server?.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Events that a service is sent in a round. */
const EVENTS = 400;

/** Starts a service with a journal, and waits until it listens. */
function startService(folder) {
  const args = [CLI, 'serve', 'model.safetensors', '--port', '0', '--journal', 'events.jsonl'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((done) => child.on('exit', done));
  return new Promise((ready, failed) => {
    let told = '';
    child.stderr.on('data', (chunk) => {
      told += chunk;
      const found = /at (http:\S+)/.exec(told);
      if (found) ready({ child, exited, origin: found[1] });
    });
    exited.then(() => failed(new Error(`serve ended: ${told}`)));
  });
}

/** A service is killed at random moments while it is sent events: none that it has acknowledged may be missing. */
export async function killService({ kills, seed, log = () => {} }) {
  const root = mkdtempSync(join(tmpdir(), 'llminit-kills-'));
  const random = generator(seed);
  const { interactions } = fill(root);
  const seen = { command: 'serve', kills: 0, rounds: 0, starts: 0, lost: 0, wrong: 0, stuck: 0, ms: 0 };
  try {
    const model = ['--dim', '16', '--init', 'xavier', '--epochs', '1', '--out', 'model.safetensors'];
    const { code, stderr } = await run(root, [CLI, 'train', ...data(), ...model]);
    if (code !== 0) throw new Error(stderr);
    const started = performance.now();
    while (seen.kills < kills) {
      seen.rounds++;
      rmSync(join(root, 'events.jsonl'), { force: true });
      let next = 0;
      while (next < EVENTS) {
        const { child, exited, origin } = await startService(root);
        seen.starts++;
        const last = seen.kills >= kills;
        const timer = last ? null : setTimeout(() => child.kill('SIGKILL'), 20 + random.below(500));
        // An event that was not acknowledged is sent again.
        while (next < EVENTS) {
          const event = { user: `guest ${next}`, item: `${interactions[next][1]}`, time: next };
          const answer = await fetch(`${origin}/v1/events`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ events: [event] }),
          }).catch(() => null);
          if (answer === null) break;
          if (answer.status === 200) next++;
          else seen.wrong++;
          await answer.text().catch(() => {});
        }
        clearTimeout(timer);
        if (next >= EVENTS) child.kill('SIGTERM');
        else seen.kills++;
        await exited;
        const kept = new Set(
          readFileSync(join(root, 'events.jsonl'), 'utf8')
            .split('\n')
            .flatMap((line) => (line.endsWith('}') ? JSON.parse(line.slice(9)).user : [])),
        );
        for (let n = 0; n < next; n++) if (!kept.has(`guest ${n}`)) seen.lost++;
      }
      log(`serve, round ${seen.rounds}: ${seen.kills} kills`);
    }
    return { ...seen, ms: Math.round((performance.now() - started) / seen.rounds) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      command: { type: 'string' },
    },
  });
  const names = values.command ? [values.command] : [...Object.keys(COMMANDS), 'serve'];
  const share = Math.ceil(Number(values.kills) / names.length);
  const rows = [];
  const options = { kills: share, seed: Number(values.seed), log: console.error };
  for (const name of names) {
    rows.push(await (name === 'serve' ? killService(options) : killAgainAndAgain(name, options)));
    console.log(JSON.stringify(rows[rows.length - 1]));
  }
  console.table(rows);
  process.exitCode = rows.some(({ lost, wrong, stuck }) => lost + wrong + stuck > 0) ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
