// Processor seconds of an epoch of the graph model as `train` does it, with the batches that its defaults choose, over the
// number of interactions; everything else grows along: ten interactions a user, fifty an item.
import { gatherCeiling } from '../ceilings.mjs';
import { randomFrom } from '../graphs.mjs';
import { loadPackage } from '../whole/datasets.mjs';
import { since } from '../whole/stages.mjs';

const [PER_USER, PER_ITEM] = [10, 50];
/** An item's share falls with the root of its place, as in shops of some size. */
const SKEW = 2;

/** Calls of which the least counts. */
const CALLS = 15;

/** The second epoch at each size: the first one pays for compilation too. */
export async function epochs({ quick, library: { Graph } }) {
  const library = await loadPackage();
  const runtime = await library.load();
  const cases = [];
  for (const thousands of quick ? [5, 10] : [100, 300, 1000]) {
    const interactions = madeUp(library, thousands * 1000);
    const data = new library.TrainingData(library.wholeSplit(interactions), null);
    const ends = [];
    const onProgress = ({ fit }) => {
      if (fit?.kind === 'epoch') ends.push({ batches: fit.batches, ...since() });
    };
    await library.train(data, { model: 'lightgcn', epochs: 2, seed: 1, runtime, onProgress });
    const [first, second] = ends;
    const processor = second.processor - first.processor;
    const { numUsers, numItems, length } = interactions;
    console.log(`${length} interactions, ${second.batches} updates: ${processor.toFixed(2)} s`);
    const { adjacency } = new Graph(interactions);
    const memory = {
      gather: await leastSeconds(gatherCeiling(adjacency).run),
      copy: await copied(adjacency.rows),
    };
    cases.push({
      ...{ key: `${length}`, title: `${numUsers} users, ${numItems} items`, rows: [], absent: [] },
      epoch: { interactions: length, updates: second.batches, processor, ...memory },
    });
  }
  return cases;
}

function madeUp({ Interactions }, count) {
  const random = randomFrom(2020);
  const [numUsers, numItems] = [count / PER_USER, count / PER_ITEM];
  const pairs = new Set();
  while (pairs.size < count)
    pairs.add(Math.floor(random() * numUsers) * numItems + Math.floor(random() ** SKEW * numItems));
  return Interactions.from(
    Array.from(pairs, (pair) => ({ user: `${Math.floor(pair / numItems)}`, item: `${pair % numItems}` })),
  );
}

/** Seconds of copying a table of so many rows of 128 numbers. */
function copied(rows) {
  const [from, to] = [new Float64Array(64 * rows).fill(1), new Float64Array(64 * rows).fill(2)];
  return leastSeconds(() => to.set(from));
}

/** Processor seconds of a call, the least of several. */
async function leastSeconds(call) {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < CALLS; n++) {
    const before = since().processor;
    await call();
    least = Math.min(least, since().processor - before);
  }
  return least;
}

/** The slope of log seconds over log interactions, by least squares. @param of the name of those seconds */
export function growthExponent(cases = [], of = 'processor') {
  const points = cases.map(({ epoch }) => [Math.log(epoch.interactions), Math.log(epoch[of])]);
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const product = (one, other) =>
    points.reduce((sum, point) => sum + (point[0] - x) * (point[one] - other), 0);
  return product(1, y) / product(0, x);
}

/** The part of RESULTS.md. */
export function epochLines({ epochs: cases = [] }, date = '') {
  if (cases.length === 0) return [];
  const body = cases.map(({ title, epoch: { interactions, updates, processor, gather, copy } }) => [
    ...[title, `${interactions}`, `${updates}`, processor.toFixed(2)],
    ((processor * 1e6) / interactions).toFixed(1),
    ...[gather, copy].map((seconds) => (seconds * 1e3).toFixed(2)),
  ]);
  const head = [
    ...['made up', 'interactions', 'updates', 'processor s', 'µs an interaction'],
    ...['rows gathered, ms', 'table copied, ms'],
  ];
  return [
    '## An epoch over the interactions',
    '',
    ...(date ? [`\`npm run bench -- epochs\`, ${date}`, ''] : []),
    'LightGCN as `train` trains it, dim 128, no validation, one thread; batches and rates by the defaults. The growth exponent is',
    `${growthExponent(cases).toFixed(2)}. What memory alone does at these sizes: loading the rows that one product of an update needs, whole, without`,
    `arithmetic, grows with ${growthExponent(cases, 'gather').toFixed(2)}, and copying one of its tables with ${growthExponent(cases, 'copy').toFixed(2)}, since tables leave one cache after the other.`,
    '',
    ...[head, head.map((_, n) => (n === 0 ? '---' : '---:')), ...body].map((row) => `| ${row.join(' | ')} |`),
    '',
  ];
}

/** Goals of the epochs. */
export function epochGoals(cases = []) {
  const value = cases.length > 1 ? growthExponent(cases) : Number.NaN;
  const about = { workload: 'processor s of an epoch over the interactions', against: 'growth exponent' };
  return [{ ...about, least: false, floor: 1.2, goal: 1.05, value }];
}
