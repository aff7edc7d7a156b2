// How large model files are, and what a process takes that has opened one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { SCRATCH } from '../library.mjs';
import { median } from '../measure.mjs';
import { modelOf } from './serve.mjs';

const FORMS = [
  ['f32', null],
  ['f16, no users', { to: 'f16', users: false }],
  ['int8', { to: 'int8' }],
  ['int8, no users', { to: 'int8', users: false }],
];

const ITEMS = 6000;
const PROCESSES = 15;

/** Files of 6,000 items; memory for 100,000 in f32, and processor time to open them in processes of their own. */
export async function files({ library, runtime, quick, options }) {
  const small = modelOf(quick ? 1000 : ITEMS);
  const sizes = [];
  for (const [form, options] of FORMS) {
    const data = options ? await library.quantizeModel(small, { ...options, runtime }) : small;
    const bytes = library.encodeModel(data);
    sizes.push({ form, bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length });
  }
  const text = await textFile(library, runtime, quick ? 1000 : ITEMS, options.data);
  if (text) sizes.push({ form: 'int8, no users, with a lexical text part', ...text });
  mkdirSync(`${SCRATCH}/files`, { recursive: true });
  const file = `${SCRATCH}/files/model.safetensors`;
  const large = modelOf(quick ? 2000 : 100_000);
  writeFileSync(file, library.encodeModel(large));
  const memory = ['bytes', 'stream'].map((way) => {
    const args = ['--expose-gc', 'bench/openedMemory.mjs', file, way];
    return { way, ...JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout) };
  });
  const coded = await library.quantizeModel(large, { to: 'int8', users: false, runtime });
  const opened = [
    ['6,000 items, f32', library.encodeModel(small)],
    ['100,000 items, int8, no users', library.encodeModel(coded)],
  ].map(([form, bytes]) => ({ form, ...openedTimes(bytes, quick ? 2 : PROCESSES) }));
  return [{ key: 'files', title: 'files and memory', rows: [], files: { sizes, memory, opened } }];
}

/** A file whose items have titles of Amazon's Beauty and what places new ones by their text; null without the data. */
async function textFile(library, runtime, count, data) {
  const path = `${data}/amazon-beauty-titles/amazon-beauty-titles.item`;
  if (!existsSync(path)) return null;
  const texts = readFileSync(path, 'utf8')
    .split('\n')
    .slice(1, count + 1)
    .map((line) => line.split('\t')[1]);
  const model = modelOf(count);
  const { embeddings } = await library.lexicalEmbeddings(model.itemIds, texts, { runtime });
  const text = library.textVectors(embeddings.source, embeddings, model.itemIds);
  const whole = { ...model, itemTitles: texts, text };
  const bytes = library.encodeModel(
    await library.quantizeModel(whole, { to: 'int8', users: false, runtime }),
  );
  return { bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

/** Milliseconds of processor time, over some processes. */
function openedTimes(bytes, processes) {
  const path = `${SCRATCH}/files/opened.safetensors`;
  writeFileSync(path, bytes);
  const samples = Array.from({ length: processes }, () =>
    JSON.parse(spawnSync(process.execPath, ['bench/openedTime.mjs', path], { encoding: 'utf8' }).stdout),
  );
  const firsts = samples.map(({ first }) => first);
  return {
    first: { min: Math.min(...firsts), median: median(firsts) },
    again: {
      min: Math.min(...samples.map(({ least }) => least)),
      median: median(samples.map(({ again }) => again)),
    },
  };
}
