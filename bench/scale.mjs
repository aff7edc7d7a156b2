// From a large file to a split, a model and a first answer, by stage: processor time, peak memory, and how both grow.
//
//   node bench/scale.mjs [--interactions 1000000,10000000] [--train] [--keep]
//
// The data are synthetic: for n interactions n/10 users and n/50 items, popularity by Zipf's law within groups of taste.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeInteractions } from './interactionsFile.mjs';

/** One measured way through the library, in a process of its own. */
async function way(path, train) {
  const { kCore, leaveOneOut, readInteractions, train: trainModel } = await import('../dist/index.js');
  const { openSource } = await import('../dist/node.js');
  const stages = {};
  const stage = async (name, job) => {
    const before = process.cpuUsage();
    const started = performance.now();
    const result = await job();
    const { user, system } = process.cpuUsage(before);
    stages[name] = {
      processor: (user + system) / 1e6,
      seconds: (performance.now() - started) / 1e3,
      peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    return result;
  };
  const read = await stage('read', () => readInteractions(openSource(path), { name: path }));
  const core = await stage('5-core', () => kCore(read.interactions, 5));
  const split = await stage('split', () => leaveOneOut(core, { order: 'random', seed: 1 }));
  const { numUsers, numItems, length } = split.train;
  if (train) {
    const trained = await stage('train', () => trainModel({ split }));
    const bytes = await stage('save', () => trained.encode());
    stages.save.MB = Math.round(bytes.length / 1e6);
  }
  console.log(JSON.stringify({ numUsers, numItems, length, stages }));
}

async function main() {
  const { values } = parseArgs({
    options: {
      interactions: { type: 'string', default: '1000000,10000000' },
      train: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      way: { type: 'string' },
    },
  });
  if (values.way) return way(values.way, values.train);
  const folder = join(tmpdir(), 'llminit-scale');
  mkdirSync(folder, { recursive: true });
  const sizes = values.interactions.split(',').map(Number);
  const found = [];
  for (const size of sizes) {
    const path = join(folder, `${size}.csv`);
    if (!existsSync(path)) await writeInteractions(path, size);
    const args = [fileURLToPath(import.meta.url), '--way', path, ...(values.train ? ['--train'] : [])];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status !== 0) throw new Error(stderr);
    const measured = JSON.parse(stdout);
    found.push(measured);
    const { numUsers, numItems, length, stages } = measured;
    console.log(
      `\n${size} interactions (${Math.round(statSync(path).size / 1e6)} MB): ${numUsers} users, ${numItems} items, ${length} in training`,
    );
    console.table(stages);
    if (!values.keep) rmSync(path);
  }
  for (const [n, { stages }] of found.entries()) {
    if (n === 0) continue;
    for (const [name, { processor }] of Object.entries(stages)) {
      const before = found[n - 1].stages[name].processor;
      const exponent = Math.log(processor / before) / Math.log(sizes[n] / sizes[n - 1]);
      console.log(`${name}: grows with exponent ${exponent.toFixed(2)} from ${sizes[n - 1]} to ${sizes[n]}`);
    }
  }
}

await main();
