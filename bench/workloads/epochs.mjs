// Processor seconds of an epoch of the graph model as `train` does it, with the batches that its defaults choose, over the
// number of interactions; everything else grows along: ten interactions a user, fifty an item.
import { randomFrom } from '../graphs.mjs';
import { loadPackage } from '../whole/datasets.mjs';
import { since } from '../whole/stages.mjs';

const [PER_USER, PER_ITEM] = [10, 50];
/** An item's share falls with the root of its place, as in shops of some size. */
const SKEW = 2;

/** The second epoch at each size: the first one pays for compilation too. */
export async function epochs({ quick }) {
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
    cases.push({
      ...{ key: `${length}`, title: `${numUsers} users, ${numItems} items`, rows: [], absent: [] },
      epoch: { interactions: length, updates: second.batches, processor },
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

/** The slope of log seconds over log interactions, by least squares. */
export function growthExponent(cases = []) {
  const points = cases.map(({ epoch }) => [Math.log(epoch.interactions), Math.log(epoch.processor)]);
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const of = (one, other) => points.reduce((sum, point) => sum + (point[0] - x) * (point[one] - other), 0);
  return of(1, y) / of(0, x);
}

/** The part of RESULTS.md. */
export function epochLines({ epochs: cases = [] }, date = '') {
  if (cases.length === 0) return [];
  const body = cases.map(({ title, epoch: { interactions, updates, processor } }) => [
    ...[title, `${interactions}`, `${updates}`, processor.toFixed(2)],
    ((processor * 1e6) / interactions).toFixed(1),
  ]);
  const head = ['made up', 'interactions', 'updates', 'processor s', 'µs an interaction'];
  return [
    '## An epoch over the interactions',
    '',
    ...(date ? [`\`npm run bench -- epochs\`, ${date}`, ''] : []),
    'LightGCN as `train` trains it, dim 128, no validation, one thread; batches and rates by the defaults. The growth exponent is',
    `${growthExponent(cases).toFixed(2)}.`,
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
