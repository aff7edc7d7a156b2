// What a service does: one user at a time and many at once on an open model, beside usearch's exact search and the graph of
// hnswlib, and opening.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { normalNumbers } from '../graphs.mjs';
import { SCRATCH } from '../library.mjs';
import { measureCase, timed } from '../measure.mjs';

const DIM = 128;
const K = 10;
const USERS = 1000;
const SEEN = 20;

/** Top-10 for one user and for a thousand, and opening a file, at two sizes of catalogue. */
export async function serve(context) {
  const usearch = await importPeer('usearch');
  const cases = [];
  for (const numItems of context.quick ? [1000] : [6000, 100_000]) {
    const model = modelOf(numItems);
    const graph = context.quick ? null : graphIndex(await importPeer('hnswlib-node'), model);
    cases.push(await oneUser(context, usearch, model, graph), await manyUsers(context, usearch, model));
    cases.push(await opening(context, model));
  }
  return cases;
}

/** One user of a million items: at the speed at which memory is read. */
export async function million(context) {
  const usearch = await importPeer('usearch');
  return [await oneUser(context, usearch, modelOf(context.quick ? 2000 : 1_000_000))];
}

/** A model of random factors with a thousand users. @param seed of the items' factors */
export function modelOf(numItems, seed = 22) {
  const seen = Int32Array.from(
    { length: USERS * SEEN },
    (_, n) => ((n * 7919) % (numItems / SEEN)) + (n % SEEN) * (numItems / SEEN),
  );
  const rows = Array.from({ length: USERS }, (_, user) => seen.slice(user * SEEN, (user + 1) * SEEN).sort());
  return {
    userIds: Array.from({ length: USERS }, (_, n) => `user${n}`),
    itemIds: Array.from({ length: numItems }, (_, n) => `B${String(n).padStart(8, '0')}`),
    itemTitles: Array.from({ length: numItems }, (_, n) => `Title of item ${n}`),
    dim: DIM,
    userFactors: normalNumbers(USERS * DIM, 0.1, 21),
    itemFactors: normalNumbers(numItems * DIM, 0.1, seed),
    itemDegrees: new Int32Array(numItems),
    seen: {
      rowPtr: Int32Array.from({ length: USERS + 1 }, (_, n) => n * SEEN),
      colIdx: Int32Array.from(rows.flatMap((row) => [...row])),
    },
    config: {},
    metrics: {},
  };
}

async function oneUser({ library, runtime, ...context }, usearch, model, graph = null) {
  const bytes = library.encodeModel(model);
  const ours = async (name, index, data = bytes) => {
    const recommender = await library.Recommender.open(data, { runtime, index });
    let user = 0;
    return { name, ours: true, run: timed(() => recommender.recommend(`user${user++ % USERS}`)) };
  };
  const small = library.encodeModel(await library.quantizeModel(model, { to: 'int8', runtime }));
  return measureCase(
    { library, runtime, ...context },
    {
      title: `one user, top-${K}, ${model.itemIds.length} items, seen items left out`,
      key: `one-${model.itemIds.length}`,
      contestants: [
        ours('llminit, exact through codes', 'codes'),
        ours('llminit, rows as they are', 'rows'),
        ours('llminit, a file of int8 alone', 'codes', small),
        peer(usearch, 'usearch exact f32, nothing left out', model, 1),
        peer(usearch, 'usearch exact i8 (not exact)', model, 1, true),
        ...(graph ? [graph] : []),
      ],
    },
  );
}

async function manyUsers({ library, runtime, ...context }, usearch, model) {
  const recommender = await library.Recommender.open(library.encodeModel(model), { runtime });
  const run = processed(async () => {
    let items = 0;
    for await (const found of recommender.recommendMany(model.userIds)) items += found.items.length;
    if (items !== USERS * K) throw new Error(`expected ${USERS * K} items, received ${items}`);
  });
  return measureCase(
    { library, runtime, ...context },
    {
      title: `${USERS} users at once, top-${K}, ${model.itemIds.length} items, processor time`,
      key: `many-${model.itemIds.length}`,
      contestants: [
        { name: 'llminit recommendMany', ours: true, run },
        peer(usearch, 'usearch exact f32, nothing left out', model, USERS, false, processed),
      ],
    },
  );
}

async function opening({ library, runtime, ...context }, model) {
  const bytes = library.encodeModel(model);
  const small = library.encodeModel(
    await library.quantizeModel(model, { to: 'int8', users: false, runtime }),
  );
  const open = (name, data) => ({
    name,
    ours: true,
    run: processed(async () => (await library.Recommender.open(data, { runtime })).close()),
  });
  return measureCase(
    { library, runtime, ...context },
    {
      title: `opening, processor time, ${model.itemIds.length} items`,
      key: `open-${model.itemIds.length}`,
      contestants: [
        open(`f32, ${bytes.length} bytes`, bytes),
        open(`int8 without users, ${small.length} bytes`, small),
      ],
    },
  );
}

/** The milliseconds of processor time of one call: work of a second is interrupted too often for a clock. */
function processed(work) {
  return async () => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

/** usearch's exact search on bare arrays, one thread. */
function peer(usearch, name, { itemFactors, userFactors }, users, isCoded = false, measured = timed) {
  if (!usearch) return { name, absent: 'usearch is not installed (node bench/peers/setup.mjs)' };
  // Not by Int8Array.from, which makes a list of all numbers first.
  const coded = (values) => {
    const codes = new Int8Array(values.length);
    for (let n = 0; n < codes.length; n++)
      codes[n] = Math.max(-127, Math.min(127, Math.round(values[n] * 300)));
    return codes;
  };
  const [items, queries] = isCoded ? [coded(itemFactors), coded(userFactors)] : [itemFactors, userFactors];
  let first = 0;
  return {
    name,
    run: measured(() => {
      const query = queries.subarray(first * DIM, (first + users) * DIM);
      usearch.exactSearch(items, query, DIM, K, usearch.MetricKind.IP, 1);
      first = (first + users) % USERS;
    }),
  };
}

/** hnswlib's graph, as wide as it takes to find 99 of 100: normal numbers without structure are the worst case of a graph. */
function graphIndex(hnswlib, { itemFactors, userFactors, itemIds }) {
  const name = 'hnswlib-node, M 16';
  if (!hnswlib) return { name, absent: 'hnswlib-node is not installed (node bench/peers/setup.mjs)' };
  const rowOf = (table, n) => Array.from(table.subarray(n * DIM, (n + 1) * DIM));
  const index = new hnswlib.HierarchicalNSW('ip', DIM);
  index.initIndex(itemIds.length, 16, 200, 100);
  for (let n = 0; n < itemIds.length; n++) index.addPoint(rowOf(itemFactors, n), n);
  const queries = Array.from({ length: USERS }, (_, n) => rowOf(userFactors, n));
  const exact = queries.slice(0, 100).map((query) => exactTop(query, itemFactors, itemIds.length));
  const recallAt = (ef) => {
    index.setEf(ef);
    const hits = exact.map(
      (best, n) => index.searchKnn(queries[n], K).neighbors.filter((item) => best.has(item)).length,
    );
    return hits.reduce((a, b) => a + b, 0) / (K * exact.length);
  };
  let ef = 100;
  while (recallAt(ef) < 0.99) ef *= 2;
  let user = 0;
  return {
    name: `${name}, ef ${ef}, recall ${recallAt(ef).toFixed(3)}`,
    run: timed(() => index.searchKnn(queries[user++ % USERS], K)),
  };
}

/** The k best items by the plain loop. */
function exactTop(query, items, count) {
  const scores = Float64Array.from({ length: count }, (_, n) => {
    let sum = 0;
    for (let c = 0; c < DIM; c++) sum += query[c] * items[n * DIM + c];
    return sum;
  });
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  return new Set(order.slice(0, K));
}

async function importPeer(name) {
  try {
    const module = await import(pathToFileURL(createRequire(`${SCRATCH}/`).resolve(name)).href);
    return module.default ?? module;
  } catch {
    return null;
  }
}
