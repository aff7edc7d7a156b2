// Processor time of opening a model in a process of its own: the first time, kernels compiled along with it, and again:
// `node bench/openedTime.mjs MODEL`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { SCRATCH } from './library.mjs';
import { median } from './measure.mjs';

const AGAIN = 20;

const bytes = readFileSync(process.argv[2]);
const { Recommender } = await import(pathToFileURL(`${SCRATCH}/library.mjs`).href);
const first = await opened();
const again = [];
for (let n = 0; n < AGAIN; n++) again.push(await opened());
console.log(JSON.stringify({ first, again: median(again), least: Math.min(...again) }));

/** Milliseconds of all threads. */
async function opened() {
  const before = process.cpuUsage();
  const recommender = await Recommender.open(bytes);
  const { user, system } = process.cpuUsage(before);
  recommender.close();
  return (user + system) / 1000;
}
