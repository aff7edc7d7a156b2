// What vectors of texts cost: lexical ones beside scikit-learn's, over growing catalogues and as a whole command; the
// layer over a sentence encoder beside direct calls of its pipeline. By processor time, each side in one thread.
//
//   node bench/texts.mjs [--part peer,growth,command,layer] [--turns 5] [--data ../shared/data]      after npm run build
//
// The peer needs scikit-learn (Debian's python3-sklearn; BENCH_PYTHON names an interpreter). Appends to
// bench/experiments/texts.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator } from './fuzz/mutate.mjs';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'peer,growth,command,layer' },
    turns: { type: 'string', default: '5' },
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string', default: 'bench/experiments/texts.json' },
    /** Used by the processes that this one starts. */
    job: { type: 'string' },
    given: { type: 'string' },
  },
});
const TURNS = Number(values.turns);
const DIST = new URL('../dist/', import.meta.url);
const SELF = fileURLToPath(import.meta.url);
const library = async (file) => import(new URL(file, DIST).href);

/** The titles of a file as RecBole writes it: id, tab, title. */
const titlesOf = (file) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[1]);
const titlesFile = (name) => join(values.data, name, `${name}.item`);

/** Seconds of processor time of `work`. */
async function processorSeconds(work) {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}

/** What a process of its own prints as JSON. */
function apart(command, args, env = {}) {
  const options = { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** What one's own processes do. */
const JOBS = {
  /** The lexical vectors of the titles of a file, as the library makes them by default. */
  async lexical(file) {
    const { lexicalEmbeddings, load } = await library('index.js');
    const texts = titlesOf(file);
    const ids = texts.map((_, n) => `i${n}`);
    const runtime = await load();
    const { result, seconds } = await processorSeconds(() => lexicalEmbeddings(ids, texts, { runtime }));
    return { seconds, texts: texts.length, terms: result.vocabularySize, width: result.embeddings.width };
  },
  /** Lexical vectors of so many made-up titles. */
  async growth(count) {
    const { lexicalEmbeddings, load } = await library('index.js');
    const texts = madeTitles(Number(count));
    const ids = texts.map((_, n) => `i${n}`);
    const runtime = await load();
    const { result, seconds } = await processorSeconds(() =>
      lexicalEmbeddings(ids, texts, { dim: 128, runtime }),
    );
    const peakMB = Math.round(process.resourceUsage().maxRSS / 1024);
    return {
      texts: texts.length,
      terms: result.vocabularySize,
      width: result.embeddings.width,
      seconds,
      peakMB,
    };
  },
};

/** Titles of 3 to 10 words, popular ones first, with a number now and then; the same count gives the same titles. */
function madeTitles(count) {
  const random = generator(7);
  const syllables = [
    'ka',
    'lo',
    'mi',
    'ren',
    'tus',
    'vel',
    'dor',
    'shi',
    'pan',
    'qui',
    'zen',
    'bar',
    'fo',
    'gle',
  ];
  const word = (n) => {
    let text = '';
    for (let rest = n + 13; rest > 0; rest = Math.floor(rest / syllables.length))
      text += syllables[rest % syllables.length];
    return text;
  };
  const words = Math.min(200_000, 20 * Math.ceil(Math.sqrt(count)) + 2000);
  return Array.from({ length: count }, () => {
    const length = 3 + random.below(8);
    const chosen = Array.from({ length }, () =>
      random.chance(0.05)
        ? String(random.below(1000))
        : word(Math.floor(words ** (random.below(2 ** 24) / 2 ** 24))),
    );
    return chosen.join(' ');
  });
}

const PEER = `
import json, resource, sys
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.decomposition import TruncatedSVD
import sklearn
texts = [line.split('\\t')[1] for line in open(sys.argv[1], encoding='utf-8').read().strip().split('\\n')[1:]]
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
before = used()
tfidf = TfidfVectorizer(token_pattern='[a-z0-9]+', ngram_range=(1, 2), min_df=2, sublinear_tf=True)
rows = tfidf.fit_transform(texts)
vectors = TruncatedSVD(n_components=256, random_state=0).fit_transform(rows)
print(json.dumps({'seconds': used() - before, 'texts': len(texts), 'terms': rows.shape[1], 'width': vectors.shape[1], 'version': sklearn.__version__}))
`;

const PARTS = {
  /** By turns; the ratio is the median over them. */
  peer() {
    const file = titlesFile('amazon-beauty-titles');
    const python = process.env.BENCH_PYTHON ?? '/usr/bin/python3';
    const one = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
    const turns = Array.from({ length: TURNS }, () => ({
      ours: apart(process.execPath, [SELF, '--job', 'lexical', '--given', file]),
      theirs: apart(python, ['-c', PEER, file], one),
    }));
    const ratios = turns.map(({ ours, theirs }) => ours.seconds / theirs.seconds);
    const least = (side) => Math.min(...turns.map((turn) => turn[side].seconds));
    const { seconds: _, ...ours } = turns[0].ours;
    const { seconds: __, ...theirs } = turns[0].theirs;
    return {
      ours: { ...ours, seconds: least('ours') },
      theirs: { ...theirs, seconds: least('theirs') },
      ratio: { median: median(ratios), ofMinima: least('ours') / least('theirs') },
      goal: '≤ 0.7',
    };
  },

  /** Catalogues of 100,000, 300,000 and a million short texts. */
  growth() {
    const runs = ['100000', '300000', '1000000'].map((count) => {
      const run = apart(process.execPath, [
        '--max-old-space-size=3500',
        SELF,
        '--job',
        'growth',
        '--given',
        count,
      ]);
      return { ...run, microsecondsPerText: (run.seconds / run.texts) * 1e6 };
    });
    return { runs, goal: 'at most 4,096 MB, time linear in the texts' };
  },

  /** `llminit embed` over a catalogue of 1,583 items, with the start of the process. */
  command() {
    const folder = mkdtempSync(join(tmpdir(), 'llminit-texts-'));
    const cli = fileURLToPath(new URL('cli.js', DIST));
    const args = [
      cli,
      'embed',
      '--items',
      titlesFile('amazon-scientific-small'),
      '--embedder',
      'lexical',
      '--quiet',
    ];
    args.push('--out', join(folder, 'vectors.safetensors'));
    const program = `import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'seconds': usage.ru_utime + usage.ru_stime}))`;
    const runs = Array.from(
      { length: TURNS },
      () => apart('/usr/bin/python3', ['-c', program, process.execPath, ...args]).seconds,
    );
    rmSync(folder, { recursive: true });
    return { seconds: Math.min(...runs), median: median(runs), goal: '≤ 1' };
  },

  /** 2,000 titles through `embedInBatches` and through the pipeline itself, in the same batches. */
  async layer() {
    const folder = mkdtempSync(join(tmpdir(), 'llminit-texts-'));
    const script = fileURLToPath(new URL('../scripts/make-tiny-model.mjs', import.meta.url));
    spawnSync(process.execPath, [script, join(folder, 'tiny')]);
    const { env, pipeline } = await import('@xenova/transformers');
    env.localModelPath = folder;
    env.allowRemoteModels = false;
    const extract = await pipeline('feature-extraction', 'tiny', { quantized: false });
    const { embedInBatches, transformersEmbedder } = await library('embedders.js');
    const texts = titlesOf(titlesFile('amazon-beauty-titles')).slice(0, 2000);
    const embedder = transformersEmbedder({ model: 'tiny', pipeline: extract });
    const layer = () => embedInBatches(texts, embedder);
    const direct = async () => {
      const sorted = [...texts].sort((a, b) => b.length - a.length);
      const rows = [];
      for (let at = 0; at < sorted.length; at += 32)
        rows.push((await extract(sorted.slice(at, at + 32), { pooling: 'mean', normalize: true })).data);
      return rows;
    };
    await layer();
    await direct();
    const turns = [];
    for (let turn = 0; turn < 2 * TURNS; turn++) {
      const first = turn % 2 === 0 ? layer : direct;
      const one = await processorSeconds(first);
      const two = await processorSeconds(first === layer ? direct : layer);
      turns.push(first === layer ? [one.seconds, two.seconds] : [two.seconds, one.seconds]);
    }
    rmSync(folder, { recursive: true });
    const ratios = turns.map(([ours, theirs]) => ours / theirs);
    const least = (side) => Math.min(...turns.map((turn) => turn[side]));
    return {
      layer: least(0),
      direct: least(1),
      ratio: { median: median(ratios), ofMinima: least(0) / least(1) },
      goal: '≤ 1.05',
    };
  },
};

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const rounded = (_, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

if (values.job) console.log(JSON.stringify(await JOBS[values.job](values.given)));
else {
  const record = existsSync(values.out) ? JSON.parse(readFileSync(values.out, 'utf8')) : [];
  for (const part of values.part.split(',')) {
    const entry = { part, date: new Date().toISOString().slice(0, 10), ...(await PARTS[part]()) };
    console.log(JSON.stringify(entry, rounded));
    record.push(entry);
    writeFileSync(values.out, `${JSON.stringify(record, rounded, 1)}\n`);
  }
}
