// Training in a page of Chromium beside training in Node: the same job, in turns, on one machine.
//
//   node bench/pageTraining.mjs [--epochs 20] [--turns 3]
//
// Chromium and puppeteer-core come from .platform (`npm run platform` installs them). A page tells no processor time, so that
// the machine must be quiet: what counts is the ratio of the least times, and that both give the same bytes.
import { createReadStream, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { loadLibrary, prepareScratch, SCRATCH } from './library.mjs';

const GOAL = 0.95;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const { values } = parseArgs({
  options: { epochs: { type: 'string', default: '20' }, turns: { type: 'string', default: '3' } },
});

/** The job, as text that both sides compile: SGL on a synthetic shop of 6,000 people and 3,000 items. */
const JOB = `async (library, epochs) => {
  const { Interactions, leaveOneOut, initialize, fit, load } = library;
  let state = 7;
  const below = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const rows = Array.from({ length: 60000 }, () => ({ user: 'u' + below(6000), item: 'i' + below(3000) }));
  const split = leaveOneOut(Interactions.from(rows), { seed: 1 });
  const runtime = await load();
  const tables = await initialize(split.train, null, { dim: 64, seed: 1, runtime });
  const started = performance.now();
  const { factors } = await fit(split, tables, { model: 'sgl', epochs, patience: epochs, seed: 1, runtime });
  const milliseconds = performance.now() - started;
  const digest = await crypto.subtle.digest('SHA-256', factors.items.slice());
  const bytes = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { milliseconds, bytes };
}`;

const chromium = CHROMIUM.find((path) => existsSync(path));
const tools = createRequire(resolve('.platform/package.json'));
if (!chromium || !existsSync('.platform/node_modules/puppeteer-core')) {
  console.error(
    'pageTraining: expected Chromium and puppeteer-core, received neither or one; run npm run platform',
  );
  process.exit(2);
}
prepareScratch();
const library = await loadLibrary('src/index.ts', 'page');
writeFileSync(join(SCRATCH, 'job.mjs'), `export const job = ${JOB};\n`);
const { job } = await import(pathToFileURL(join(SCRATCH, 'job.mjs')).href);

const server = createServer((request, response) => {
  const file = join(SCRATCH, basename(request.url));
  const isModule = file.endsWith('.mjs') && existsSync(file);
  response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html');
  if (isModule) createReadStream(file).pipe(response);
  else response.end('<!doctype html><title>training</title>');
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const { default: puppeteer } = await import(pathToFileURL(tools.resolve('puppeteer-core')).href);
const args = ['--no-sandbox', '--disable-gpu'];
const browser = await puppeteer.launch({ executablePath: chromium, args, protocolTimeout: 3_600_000 });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const epochs = Number(values.epochs);
  const inPage = () =>
    page.evaluate(`Promise.all([import('/job.mjs'), import('/page.mjs')])
      .then(([{ job }, library]) => job(library, ${epochs}))`);
  const sides = { Node: () => job(library, epochs), Chromium: inPage };
  const least = { Node: Number.POSITIVE_INFINITY, Chromium: Number.POSITIVE_INFINITY };
  const bytes = new Set();
  for (let turn = 0; turn < Number(values.turns); turn++)
    for (const name of turn % 2 ? ['Chromium', 'Node'] : ['Node', 'Chromium']) {
      const made = await sides[name]();
      bytes.add(made.bytes);
      least[name] = Math.min(least[name], made.milliseconds);
      console.log(`${name}: ${made.milliseconds.toFixed(0)} ms`);
    }
  const speed = least.Node / least.Chromium;
  const verdict = speed >= GOAL ? 'met' : 'missed';
  console.log(`Chromium trains at ${speed.toFixed(2)} of Node's speed (goal ≥ ${GOAL}: ${verdict})`);
  console.log(bytes.size === 1 ? 'both give the same bytes' : `the bytes differ: ${[...bytes].join(', ')}`);
  if (bytes.size > 1) process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
}
