import * as llminit from '../../src/index.ts';
import { csr, split, train } from './samples.ts';
import type { Call } from './wrong.ts';

const rows = () => [{ user: 'a', item: 'b' }];
const CSV = 'user_id,item_id\na,x\nb,y\n';
const TEXTS = 'id,text\na,red pen\n';
const BY_COLUMN = { idColumn: 'id', textColumns: ['text'] };
const csv = () => new TextEncoder().encode(CSV);
const { Catalogue, Graph, IdTable, Interactions } = llminit;
const table = () => IdTable.of(['a', 'b']);
const catalogue = () => new Catalogue(['a', 'b'], ['red pen', 'blue pen']);

/** Interactions, catalogues, splits. */
export const DATA: Readonly<Record<string, Call>> = {
  'new Catalogue': {
    call: (...args) => new Catalogue(...(args as unknown as [[], [], []])),
    args: () => [['a'], ['red pen'], ['Pen']],
    takes: { 2: 'none null' },
  },
  'Catalogue.from': {
    call: Catalogue.from,
    args: () => [[{ id: 'a', text: 'red pen' }], BY_COLUMN],
  },
  'Catalogue.prototype.index': {
    call: (...args: [string]) => catalogue().index(...args),
    args: () => ['a'],
    takes: { 0: 'x' },
  },
  'Catalogue.prototype.aligned': {
    call: (...args: [string[]]) => catalogue().aligned(...args),
    args: () => [['a']],
    takes: { 0: '[]' },
  },
  augmentSplit: {
    call: llminit.augmentSplit,
    args: () => [split, [{ user: train.userIds[0], item: train.itemIds[0], sign: 1 }], {}],
    takes: { 1: '[]', 2: 'none {} bare' },
  },
  readEdges: {
    call: llminit.readEdges,
    args: () => [csv(), 'a'],
    takes: { 0: 'x', 1: 'x' },
  },
  'new IdTable': { call: () => new IdTable(), args: () => [] },
  'IdTable.of': { call: IdTable.of, args: () => [['a', 'b']], takes: { 0: '[] map' } },
  'IdTable.prototype.index': {
    call: (...args: [string]) => table().index(...args),
    args: () => ['a'],
    takes: { 0: 'x' },
  },
  'IdTable.prototype.add': {
    call: (...args: [string]) => table().add(...args),
    args: () => ['a'],
    takes: { 0: 'x' },
  },
  'new Interactions': {
    call: (...args: [never]) => new Interactions(...args),
    args: () => [{ ...train, userTable: train.userTable, itemTable: train.itemTable }],
  },
  'Interactions.from': {
    call: Interactions.from,
    args: () => [rows(), {}],
    takes: { 0: '[] map', 1: 'none {} bare' },
  },
  'Interactions.prototype.userIndex': {
    call: (id: string) => train.userIndex(id),
    args: () => ['u1'],
    takes: { 0: 'x' },
  },
  'Interactions.prototype.itemIndex': {
    call: (id: string) => train.itemIndex(id),
    args: () => ['i1'],
    takes: { 0: 'x' },
  },
  'Interactions.prototype.subset': {
    call: (...args: [number[]]) => train.subset(...args),
    args: () => [[0, 2]],
    takes: { 0: '[] [1]' },
  },
  'new Graph': { call: (...args: [never]) => new Graph(...args), args: () => [train] },
  interactionsToCsr: { call: llminit.interactionsToCsr, args: () => [train] },
  transpose: { call: llminit.transpose, args: () => [csr] },
  timeSplit: {
    call: llminit.timeSplit,
    args: () => [
      Interactions.from(
        [1, 2, 3, 4, 5].flatMap((time) => [{ user: 'a', item: `i${time}`, timestamp: time }]),
      ),
      { ratios: [0.6, 0.2, 0.2] },
    ],
    takes: { 1: 'none {} bare' },
  },
  wholeSplit: { call: llminit.wholeSplit, args: () => [train, {}], takes: { 1: 'none {} bare' } },
  sampleUsers: { call: llminit.sampleUsers, args: () => [train, { items: 4, seed: 1 }] },
  kCore: { call: llminit.kCore, args: () => [train, 1], takes: { 1: '{} bare' } },
  detectFormat: { call: llminit.detectFormat, args: () => ['a.csv'] },
  parsePythonLiteral: { call: llminit.parsePythonLiteral, args: () => ['[1]', 'row 1'], takes: { 1: 'x' } },
  readCatalogue: {
    call: llminit.readCatalogue,
    args: () => [TEXTS, { name: 'a.csv' }],
    takes: { 0: 'x', 1: 'none {} bare' },
  },
  readInteractions: {
    call: llminit.readInteractions,
    args: () => [csv(), { name: 'a.csv' }],
    takes: { 1: 'none {} bare' },
  },
  'readInteractions of files': {
    call: llminit.readInteractions,
    args: () => [[{ name: 'a.csv', source: CSV }], {}],
    takes: { 1: 'none {} bare' },
  },
  secondsOf: { call: llminit.secondsOf, args: () => ['2020-01-01'], takes: { 0: 'x' } },
  alignSplit: {
    call: llminit.alignSplit,
    args: () => [train, split.valid, split.test],
    takes: { 1: 'null' },
  },
  checkSplit: { call: llminit.checkSplit, args: () => [split] },
  coldStart: { call: llminit.coldStart, args: () => [split, { seed: 1 }] },
  leaveOneOut: { call: llminit.leaveOneOut, args: () => [train, {}], takes: { 1: 'none {} bare' } },
  ratioSplit: { call: llminit.ratioSplit, args: () => [train, {}], takes: { 1: 'none {} bare' } },
};
