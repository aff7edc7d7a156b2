// What a process takes for an open model, as multiples of its file: `node --expose-gc bench/openedMemory.mjs MODEL bytes|stream`.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SCRATCH } from './library.mjs';

const [file, way] = process.argv.slice(2);
const { Recommender, load } = await import(pathToFileURL(`${SCRATCH}/library.mjs`).href);
const { size } = statSync(file);
await load();
const before = await settled();

const recommender = way === 'stream' ? await streamed() : await Recommender.open(readFileSync(file));
const peak = (peakBytes() - before) / size;
const opened = ((await settled()) - before) / size;
recommender.recommend('user1');
recommender.similarItems('B00000001');
const similar = ((await settled()) - before) / size;
for (let n = 0; n < 10; n++) recommender.recommend(`user${n}`);
const coded = ((await settled()) - before) / size;
console.log(JSON.stringify({ peak, opened, similar, coded }));

/** A file that arrives in pieces, as over a network. */
function streamed() {
  const answer = () =>
    new Response(Readable.toWeb(createReadStream(file)), { headers: { 'content-length': `${size}` } });
  return Recommender.fromUrl('http://localhost/model', { fetch: async () => answer() });
}

/** The most that the process had. `maxRSS` of a child begins with what its parent had, Linux's own number does not. */
function peakBytes() {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

/** Bytes of the process once what nobody holds is given back. */
async function settled() {
  for (let n = 0; n < 5; n++) {
    globalThis.gc();
    await delay(50);
  }
  return process.memoryUsage().rss;
}
