import { readFileSync, rmSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { readCatalogue } from '../../src/data/readers/readCatalogue.ts';
import { embeddingsFromTable } from '../../src/embed/tableVectors.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { CALLS } from './calls.ts';
import { folder } from './node.ts';
import type { Call } from './wrong.ts';

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Calls with bytes of functions whose other calls here pass a text. */
const WITH_BYTES: Readonly<Record<string, Call>> = {
  readCatalogue: {
    call: readCatalogue,
    args: () => [utf8('item_id,title\ni1,lamp\ni2,chair\n'), { name: 'x' }],
  },
  embeddingsFromTable: {
    call: embeddingsFromTable,
    args: () => [utf8('{"id":"a","vector":[1,2]}\n'), 'v'],
  },
};

/**
 * What shares memory with what it is given, and the source that says so: parts of a model or a training are put together without a copy,
 * which of a large table would be a second one.
 */
const SHARING: Readonly<Record<string, string>> = {
  'new Interactions': 'data/interactions.ts',
  'new Embeddings': 'embed/embeddings.ts',
  embeddingsFromSafetensors: 'embed/files.ts',
  lexicalFromTensors: 'embed/lexical/modelTensors.ts',
  lexicalTensors: 'embed/lexical/modelTensors.ts',
  modelFrom: 'train/trainedModel.ts',
  decodeCheckpoint: 'train/checkpoint.ts',
  'new ItemScorer': 'rank/itemScorer.ts',
  'new RowScorer': 'rank/rowScorer.ts',
  'new TableScorer': 'rank/tableScorer.ts',
  'new SequenceScorer': 'rank/sequenceScorer.ts',
  'new CodeScorer': 'rank/codeScorer.ts',
  decodeModel: 'serve/modelFile/decode.ts',
  quantizeModel: 'serve/quantizeModel.ts',
};

/** Names in signatures that stand for numbers or bytes of a caller's. */
const BUFFERS = /\b(Uint8Array|Int32Array|Float32Array|Float64Array|ArrayBuffer|Source)\b/;

/** The functions and methods whose arguments are buffers, by the reference: `['transpose', 'Recommender.open', …]`. */
function takers(): string[] {
  const found = new Set<string>();
  let owner = '';
  for (const line of readFileSync('docs/api.md', 'utf8').split('\n')) {
    const type = /^- `(?:class )?([A-Z]\w*)`/.exec(line);
    if (type) owner = type[1];
    const [, indent, isStatic, name, given] = /^( *)- `(static )?(\w+)\((.*?)\): /.exec(line) ?? [];
    if (name === undefined || !BUFFERS.test(given)) continue;
    if (indent === '') found.add(name);
    else found.add(`${owner}.${isStatic ? '' : 'prototype.'}${name}`);
  }
  return [...found];
}

/** Every buffer in plain objects and lists; what the package made itself, a table of ids for example, is a value. */
function buffersIn(value: unknown, found = new Set<ArrayBufferView>(), depth = 0): Set<ArrayBufferView> {
  if (ArrayBuffer.isView(value)) found.add(value);
  else if (value instanceof ArrayBuffer) found.add(new Uint8Array(value));
  else if (typeof value === 'object' && value !== null && depth < 4) {
    const prototype = Object.getPrototypeOf(value);
    if (Array.isArray(value) || prototype === Object.prototype || prototype === null)
      for (const part of Object.values(value)) buffersIn(part, found, depth + 1);
  }
  return found;
}

/** A deep copy of all that can be seen of a result. */
function seen(value: unknown, known = new Set<unknown>()): unknown {
  if (value instanceof Recommender) return seen(value.encode());
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (typeof value !== 'object' || value === null || known.has(value))
    return typeof value === 'function' ? null : value;
  const path = new Set(known).add(value);
  if (value instanceof Map || value instanceof Set) return Array.from(value, (entry) => seen(entry, path));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, seen(part, path)]));
}

const ALL = { ...CALLS, ...WITH_BYTES };
const TAKING = (
  await Promise.all(
    Object.entries(ALL).map(async ([name, call]) => ({
      name,
      call,
      takes: buffersIn(await call.args()).size > 0,
    })),
  )
).filter(({ takes }) => takes);

it('every function whose signature takes buffers is called with some here', () => {
  const called = TAKING.map(({ name }) => name.replace(/^new (\w+)$/, '$1.constructor'));
  expect(takers().filter((name) => !called.includes(name))).toEqual([]);
});

it.each(Object.entries(SHARING))('%s says that it shares memory', (_, path) => {
  const words = readFileSync(`src/${path}`, 'utf8').replace(/\s+\*?\s*/g, ' ');
  expect(words).toMatch(/do not write to (them|either)/);
});

it.each(TAKING)(
  '$name keeps no buffer of its caller, or is listed',
  async ({ name, call: { call, args } }) => {
    const given = await args();
    const buffers = [...buffersIn(given)];
    const kept = buffers.map(({ buffer, byteOffset, byteLength }) =>
      new Uint8Array(buffer, byteOffset, byteLength).slice(),
    );
    const result = await (call as (...all: readonly unknown[]) => unknown)(...given);
    const before = seen(result);
    try {
      for (const { buffer, byteOffset, byteLength } of buffers)
        new Uint8Array(buffer, byteOffset, byteLength).fill(0x7f);
      const isShared = JSON.stringify(seen(result)) !== JSON.stringify(before);
      expect({ name, isShared }).toEqual({ name, isShared: Object.hasOwn(SHARING, name) });
    } finally {
      for (const [n, { buffer, byteOffset, byteLength }] of buffers.entries())
        new Uint8Array(buffer, byteOffset, byteLength).set(kept[n]);
    }
  },
);
