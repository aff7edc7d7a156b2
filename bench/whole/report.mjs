// Tables, goals and pictures of the whole way.
import { mkdirSync, writeFileSync } from 'node:fs';

/** Of the best validation metric, which counts as reached. */
const SHARE = 0.99;

const STAGES = [
  ...['start', 'read', 'filter', 'vectors', 'initialisation', 'l3ae', 'epochs', 'validation', 'blend'],
  ...['save', 'open', 'answer'],
];

/** Processor seconds until a way had a share of a validation metric, its own best unless given; NaN if it never had. */
export function timeTo({ curve, valid }, share, metric = valid) {
  return curve.find((point) => point.metric >= share * metric)?.processor ?? Number.NaN;
}

/** How many times sooner a way of ours has 99 % of the other's best than the other has it. */
function timesSooner(other, own) {
  return timeTo(other, SHARE) / timeTo(own, SHARE, other.valid);
}

/** The part of RESULTS.md. @param date of the last run */
export function wholeLines({ whole = [] }, date = '') {
  const found = whole.filter((one) => one.whole);
  if (found.length === 0) return [];
  const lines = [
    '## The whole way: from a file to a saved model and its first answer',
    '',
    ...(date ? [`\`npm run bench -- whole\`, ${date}`, ''] : []),
    'Processor seconds, one run each, one thread, each in a process of its own from its start on. The same split for all; torch',
    'and plain JavaScript take it and the initial tables over. The same recipe: dim 128, the batches and rates of `train`, softmax on',
    'cosines over the items of 512 pairs, an end after two epochs without a rise that counts; RecBole’s defaults: dim 64, batches of 2,048, BPR with uniform negatives, patience 10, from',
    'Xavier’s numbers. torch reads with pandas and makes vectors with scikit-learn’s TF-IDF and truncated SVD. “To 99 %”: until a way',
    'had 99 % of its own best; “sooner”: how many times sooner than that llminit had as much.',
    '',
  ];
  for (const one of found) lines.push(...caseLines(one));
  return [...lines, ...TEN_MILLION, ...THREADS, ...IN_VAIN, ''];
}

/** The synthetic file of `bench/scale.mjs --keep`, by other commands. */
const TEN_MILLION = [
  '**made up: 1,000,000 users, 200,000 items, 10,000,000 interactions** (`node bench/scale.mjs --interactions 10000000 --train`, 2026-11-28 and 29)',
  '',
  '|  | start | read | filter | split | choice and test | whole | best N@10 | test N@10 |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  '| **llminit, `train` as it comes, two threads** |  | 7.1 | 1.4 | 1.2 | 358 | 368 | 0.1384 | 0.1348 |',
  '| DuckDB, one thread | 0.20 | 0.96 | 6.47 |  |  | 8.98 |  |  |',
  '',
  'Processor seconds beside a load average of 10 to 24; the parts of the first row are of another run than its sum (docs/reliability.md).',
  'No way of torch was run at this size: RecBole’s batches of 2,048 are 4,880 updates an epoch, each with four products of 20 million',
  'non-zeros.',
  '',
];

/** Two threads, by what each of them did: by the clock nothing can be said on a machine that others use. */
const THREADS = [
  '**Two threads, amazon-beauty-titles, `train` as it comes** (2026-11-29, two cores at a load average of 10 to 14, four runs): the same',
  'bytes; of 23.4 s that the main thread takes alone, 16.3 and 17.7 s are left to it with a second one, which the others kept from its core',
  'about half of the time: 1.44 and 1.32 times. 73 % of the time are jobs that two threads share, which gives 1.58 times where both have a',
  'core (goal 1.6); 63 % and 1.46 times before the losses of fewer than 512 candidates were shared, too. On ml-100k an epoch takes the main thread',
  '0.24 s in place of 0.41 s; L3AE of amazon-scientific (4,385 items, five settings) 2.01 s in place of 3.41 s, EASE 10.8 s in place of 13.5 s, graph PCA of 768',
  'columns 0.36 s in place of 0.43 s. What is left to one thread: 1.2 s of vectors, 1.5 s of the blend, 0.5 s of encoding, a second of cutting rows.',
  '',
];

/** What was tried to shorten the way and did not. */
const IN_VAIN = [
  'What did not help, each beside what there is: on ml-100k in a former version, where an epoch of batches of 2,048 took 0.82 s and validation',
  'NDCG@10 went .1420, .1556, .1628, .1664, batches of 1,024 (1.2 s; .1483, .1568) and of 4,096 with twice the rate (0.65 s, but one or two',
  'epochs more); candidates from the whole batch of 2,048 (.1425, .1554 in the same time, which sparser data would not have).',
  'Now, by validation and test NDCG@10 of the blend over three splits: one layer (ml-100k .1889/.1761 in 3.8 s where two layers have',
  '.1920/.1802 in 5.4 s; office .0680/.0718 for .0682/.0725) and three layers (ml-100k .1888/.1755 in 5.0 s; office .0682/.0723);',
  '96 updates an epoch (five splits: ml-100k .1906/.1802 in 8.0 s where 32 have .1921/.1828 in 4.4 s; office .0699/.0717 in 4.2 s, which',
  'is 60 updates, where 48 have .0695/.0714 in 3.7 s and 32 .0695/.0709 in 3.1 s; Beauty, two splits, .0752/.0750 in 31 s, 48 .0754/.0750 in 25 s).',
  'On office a larger young generation of V8 (6.0 s where the whole took 5.6), no dynamic tiering of WebAssembly (5.8 s), fewer functions',
  'compiled at once (5.7 s); offsets in place of views in the orthogonalisation of eigenvectors (1.0 times). 1.4 s of the processor are V8’s',
  'own threads, which compile and collect, at both numbers of ours.',
];

function caseLines({ title, absent, whole: { ways, picture, most, note } }) {
  const stages = STAGES.filter((stage) => ways.some((way) => way.stages[stage]));
  const [auto, graph] = ways;
  const head = [
    '',
    ...stages,
    'whole',
    'epochs',
    'best N@10',
    'to 99 %',
    '`train` sooner',
    'graph model sooner',
  ];
  const body = ways.map((way) => {
    const learns = way.curve.length > 0;
    const times = [auto, graph].map((own) => (way.ours ? '' : seconds(timesSooner(way, own))));
    return [
      way.ours ? `**${way.name}**` : way.name,
      ...stages.map((stage) => (way.stages[stage] ? seconds(way.stages[stage].processor) : '')),
      `${seconds(way.total.processor)}${way.complete ? '' : '⁺'}`,
      learns ? `${way.curve.length}` : '',
      learns ? way.valid.toFixed(4) : '',
      ...(learns ? [seconds(timeTo(way, SHARE)), ...times] : ['', '', '']),
    ];
  });
  const rule = head.map((_, n) => (n === 0 ? '---' : '---:'));
  const table = [head, rule, ...body].map((line) => `| ${line.join(' | ')} |`);
  const cut = ways.some(({ complete }) => !complete)
    ? ['', `⁺ ended after ${most} processor seconds: its best so far stands for its best.`]
    : [];
  const missing = absent.map(({ name, absent: reason }) => `Absent: ${name} (${reason}).`);
  return [
    `**${title}**`,
    '',
    ...table,
    ...cut,
    ...(missing.length > 0 ? ['', ...missing] : []),
    ...(note ? ['', note] : []),
    '',
    `![Validation NDCG@10 over processor seconds](${picture})`,
    '',
  ];
}

/** Goals of the whole way, as those of the other workloads. */
export function wholeGoals(cases = []) {
  const of = (key) => cases.find((one) => one.key === key)?.whole;
  const whole = (key) => of(key)?.ways[0].total.processor ?? Number.NaN;
  const way = (key, name) => of(key)?.ways.find((one) => one.name.startsWith(name));
  const sooner = (key, other, own) =>
    way(key, other) ? timesSooner(way(key, other), way(key, own)) : Number.NaN;
  const office = {
    workload: 'whole `train`, office, processor s',
    against: '–',
    least: false,
    floor: 10,
    goal: 6,
  };
  const small = {
    workload: 'whole `train`, ml-100k, processor s',
    against: '–',
    least: false,
    floor: 10,
    goal: 5,
  };
  return [
    { ...office, value: whole('office') },
    { ...small, value: whole('ml-100k') },
    ...['office', 'beauty'].flatMap((key) => [
      {
        ...{ workload: `graph model to 99 %, ${key}`, against: 'faster torch form, same recipe' },
        ...{ least: true, floor: 1, goal: 7 },
        value: least(
          ['torch CSR, the same', 'torch COO (RecBole'].map((form) =>
            sooner(key, form, 'llminit, its graph'),
          ),
        ),
      },
      {
        ...{ workload: `\`train\` to 99 %, ${key}`, against: 'torch, RecBole’s settings, 300 epochs' },
        ...{ least: true, floor: 10, goal: 50 },
        value: sooner(key, 'torch COO, the same for', 'llminit, `train`'),
      },
    ]),
  ];
}

/** The least of those that were measured. */
function least(values) {
  const measured = values.filter(Number.isFinite);
  return measured.length > 0 ? Math.min(...measured) : Number.NaN;
}

/** Draws the curves, logarithmic over seconds. @returns the picture's path beside RESULTS.md */
export async function lineChart(key, name, ways) {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const values = ways.flatMap((way) => {
    let best = 0;
    return way.curve.map(({ processor, metric }) => {
      best = Math.max(best, metric);
      return { way: way.name.replaceAll('`', ''), seconds: processor, best };
    });
  });
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...{ width: 520, height: 280, background: 'white', data: { values } },
    title: `${name}: best validation NDCG@10 so far, over processor seconds from the file on`,
    mark: { type: 'line', point: true, interpolate: 'step-after' },
    encoding: {
      x: { field: 'seconds', type: 'quantitative', scale: { type: 'log' }, title: 'processor seconds' },
      y: { field: 'best', type: 'quantitative', scale: { zero: false }, title: 'NDCG@10' },
      color: {
        ...{ field: 'way', type: 'nominal', title: null, sort: null },
        legend: { orient: 'bottom', columns: 2, labelLimit: 400 },
      },
    },
  };
  const svg = await new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' }).toSVG();
  mkdirSync('bench/experiments/pictures', { recursive: true });
  writeFileSync(`bench/experiments/pictures/whole-${key}.svg`, `${svg}\n`);
  return `experiments/pictures/whole-${key}.svg`;
}

function seconds(value) {
  if (!Number.isFinite(value)) return '–';
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
