// Recommenders, runtimes, trainings and thread pools, opened and closed again and again: memory must end where it began.
//
//   npm run lifetimes -- [--times 10000] [--kind pools]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** So many MB more than after the first tenth of the times are noise of the allocator. */
const MOST_GROWTH_MB = 24;
/** … and of a pool that goes on as many as its threads may leave to be freed, `MOST_CLOSED_BYTES` of src/runtime/threads.ts. */
const MOST_CLOSED_MB = 64;

const rows = Array.from({ length: 300 }, (_, n) => ({
  user: `u${n % 30}`,
  item: `i${(n * 7 + (n % 11)) % 20}`,
}));

/** What is done once, by kind, with how many of the times asked for it is done. */
async function kinds() {
  const llminit = await import('../dist/index.js');
  const split = llminit.leaveOneOut(llminit.Interactions.from(rows), { order: 'random', seed: 1 });
  const initial = await llminit.initialize(split.train, null, { strategy: 'xavier', dim: 8, seed: 1 });
  const { factors } = await llminit.fit(split, initial, { epochs: 1 });
  const file = llminit.encodeModel(llminit.modelFrom(split, factors));
  const { module } = await llminit.load();
  let shared;
  return {
    recommenders: [
      1,
      async () => {
        const recommender = await llminit.Recommender.open(file);
        recommender.recommend('u1');
        recommender.close();
      },
    ],
    runtimes: [
      1,
      async () => {
        const runtime = llminit.loadSync(module);
        await llminit.evaluate(factors, split, { runtime, ks: [5] });
        runtime.close();
      },
    ],
    trainings: [1, () => llminit.fit(split, initial, { epochs: 1 })],
    jobs: [
      1,
      // Of one pool, whose threads see every memory.
      async () => {
        shared ??= await llminit.loadThreads({ threads: 2 });
        await llminit.fit(split, initial, { epochs: 1, runtime: shared });
      },
    ],
    pools: [
      1,
      async () => {
        const runtime = await llminit.loadThreads({ threads: 2 });
        await llminit.fit(split, initial, { epochs: 1, runtime });
        runtime.close();
      },
    ],
  };
}

/** Runs one kind in this process. @returns resident megabytes after a tenth of the times and at the end */
async function live(kind, times) {
  const [share, once] = (await kinds())[kind];
  const count = Math.max(10, Math.round(times * share));
  const resident = () => {
    globalThis.gc();
    return process.memoryUsage().rss / 2 ** 20;
  };
  let early = 0;
  for (let n = 1; n <= count; n++) {
    await once();
    // A memory is freed when its collector finds it: not before the loop has had a turn.
    if (n % 50 === 0) {
      globalThis.gc();
      await new Promise((resume) => setTimeout(resume, 0));
    }
    if (n === Math.ceil(count / 10)) early = resident();
  }
  await new Promise((resume) => setTimeout(resume, 50));
  return { times: count, earlyMB: Math.round(early), lateMB: Math.round(resident()) };
}

async function main() {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '10000' },
      kind: { type: 'string', default: '' },
      live: { type: 'string' },
    },
  });
  if (values.live) {
    console.log(JSON.stringify(await live(values.live, Number(values.times))));
    // Threads that are told to end need not be waited for.
    process.exit(0);
  }
  const found = {};
  for (const kind of Object.keys(await kinds()).filter((name) => name.includes(values.kind))) {
    const args = ['--expose-gc', fileURLToPath(import.meta.url), '--live', kind, '--times', values.times];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${kind}: ${stderr}`);
    found[kind] = JSON.parse(stdout);
  }
  console.table(found);
  const grown = Object.entries(found).some(
    ([kind, { earlyMB, lateMB }]) =>
      lateMB > earlyMB + MOST_GROWTH_MB + (kind === 'jobs' ? MOST_CLOSED_MB : 0),
  );
  process.exitCode = grown ? 1 : 0;
}

await main();
