import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as chat from '../../src/chat.ts';
import * as client from '../../src/client.ts';
import * as embedders from '../../src/embedders.ts';
import { isLlminitError, shown } from '../../src/errors.ts';
import * as http from '../../src/http.ts';
import * as index from '../../src/index.ts';
import * as kernels from '../../src/kernels.ts';
import * as node from '../../src/node.ts';
import * as sequences from '../../src/sequences.ts';
import * as serve from '../../src/serve.ts';
import { CALLS } from './calls.ts';
import { folder } from './node.ts';
import { outcomeOf, WRONG } from './wrong.ts';

const ENTRIES = { index, serve, http, kernels, embedders, chat, sequences, client, node };
/** Values of any type are right for these. */
const TAKE_ANYTHING = [isLlminitError, shown];

const workingFolder = process.cwd();
// Wrong arguments such as 'x' are paths.
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(workingFolder);
  rmSync(folder, { recursive: true, force: true });
});

/** `['fit', 'new Recommender', 'Recommender.open', 'Recommender.prototype.has', …]` */
function callables(): string[] {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(Object.assign({}, ...Object.values(ENTRIES)))) {
    if (typeof value !== 'function' || TAKE_ANYTHING.includes(value as never)) continue;
    if (!/^class\b/.test(Function.prototype.toString.call(value))) {
      names.add(name);
      continue;
    }
    if (value === index.LlminitError || value.prototype instanceof index.LlminitError) continue;
    names.add(`new ${name}`);
    for (const [where, members] of [
      [name, value],
      [`${name}.prototype`, value.prototype],
    ] as const) {
      for (const member of methodsOf(members)) names.add(`${where}.${member}`);
    }
  }
  return [...names];
}

/** The methods that take arguments, inherited ones too. */
function methodsOf(object: object): string[] {
  if ([Object.prototype, Function.prototype, Error, Error.prototype].includes(object)) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([member, { value }]) => {
    const isMethod = typeof value === 'function' && member !== 'constructor';
    return isMethod && (value.length > 0 || /^\w+\(\s*\w/.test(String(value))) ? [member] : [];
  });
  return [...own, ...methodsOf(Object.getPrototypeOf(object))];
}

/** What the package alone calls (`@internal`, private constructors), and an error. */
const INTERNAL =
  /Scorer\.prototype\.(open|adder)$|^(Runtime|Sequences)\.prototype\.(open|use)$|^Recommender\.prototype\.opened$|^new (SemanticIds|Trained|\w+Session|FileJournal|ServiceError)$/;

it('every export of every entry has its calls here', () => {
  const here = Object.keys(CALLS);
  expect(callables().filter((name) => !INTERNAL.test(name) && !here.includes(name))).toEqual([]);
});

describe.each(Object.entries(CALLS))('%s', (_, { call, args, takes = {} }) => {
  it('takes right arguments', async () => {
    expect(await outcomeOf(call, await args())).toBe('answer');
  });

  it('refuses wrong ones by typed errors', async () => {
    const surprises: string[] = [];
    const { length } = await args();
    for (let place = 0; place < length; place++) {
      const right = (takes[place] ?? '').split(' ');
      const tried = [['none', undefined] as const, ...Object.entries(WRONG)];
      for (const [label, value] of tried) {
        const given = (await args()).slice(0, label === 'none' ? place : length);
        const outcome = await outcomeOf(call, label === 'none' ? given : given.with(place, value));
        const wanted = right.includes(label) ? 'answer' : 'typed error';
        if (outcome !== wanted) surprises.push(`${label} in place ${place}: ${outcome}`);
      }
    }
    expect(surprises).toEqual([]);
  });
});
