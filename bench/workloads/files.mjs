// How large model files are, and what a process takes that has opened one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { SCRATCH } from '../library.mjs';
import { modelOf } from './serve.mjs';

const FORMS = [
  ['f32', null],
  ['f16, no users', { to: 'f16', users: false }],
  ['int8', { to: 'int8' }],
  ['int8, no users', { to: 'int8', users: false }],
];

/** Files of 6,000 items, and memory for 100,000 in f32. */
export async function files({ library, runtime, quick }) {
  const small = modelOf(quick ? 1000 : 6000);
  const sizes = [];
  for (const [form, options] of FORMS) {
    const data = options ? await library.quantizeModel(small, { ...options, runtime }) : small;
    const bytes = library.encodeModel(data);
    sizes.push({ form, bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length });
  }
  mkdirSync(`${SCRATCH}/files`, { recursive: true });
  const file = `${SCRATCH}/files/model.safetensors`;
  writeFileSync(file, library.encodeModel(modelOf(quick ? 2000 : 100_000)));
  const memory = ['bytes', 'stream'].map((way) => {
    const args = ['--expose-gc', 'bench/openedMemory.mjs', file, way];
    return { way, ...JSON.parse(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout) };
  });
  return [{ key: 'files', title: 'files and memory', rows: [], files: { sizes, memory } }];
}
