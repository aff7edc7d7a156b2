import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertCsr, type Csr, csrOfUsers, interactionsToCsr, transpose } from '../../src/data/csr.ts';
import { IdTable } from '../../src/data/idTable.ts';
import { Interactions } from '../../src/data/interactions.ts';
import { DataError, ShapeError } from '../../src/errors.ts';
import { anyInteractions, fromPairs } from './samples.ts';

describe('interactionsToCsr', () => {
  it('lists the items of each user in ascending order', () => {
    const set = fromPairs([
      ['a', 'x'],
      ['b', 'y'],
      ['a', 'z'],
      ['b', 'x'],
      ['a', 'y'],
    ]);
    const csr = interactionsToCsr(set);
    expect([...csr.rowPtr]).toEqual([0, 3, 5]);
    expect([...csr.colIdx].map((c) => set.itemIds[c])).toEqual(['x', 'y', 'z', 'x', 'y']);
    expect(csr.values).toBeNull();
  });

  it('holds exactly the pairs of the interactions, well-formed', () => {
    fc.assert(
      fc.property(anyInteractions, (set) => {
        const csr = interactionsToCsr(set);
        assertCsr('test', csr);
        const stored = new Set<string>();
        for (let r = 0; r < csr.rows; r++) {
          for (let n = csr.rowPtr[r]; n < csr.rowPtr[r + 1]; n++) stored.add(`${r} ${csr.colIdx[n]}`);
        }
        expect(stored).toEqual(new Set(Array.from(set.users, (u, n) => `${u} ${set.items[n]}`)));
      }),
    );
  });

  it('refuses a pair that stands twice', () => {
    const tables = { userTable: IdTable.of(['a']), itemTable: IdTable.of(['x']) };
    const set = new Interactions({ ...tables, users: new Int32Array(2), items: new Int32Array(2) });
    expect(() => interactionsToCsr(set)).toThrow(DataError);
  });
});

describe('csrOfUsers', () => {
  it('has the rows of the users that are wanted, and no others', () => {
    fc.assert(
      fc.property(anyInteractions, fc.integer({ min: 1, max: 4 }), (interactions, every) => {
        const whole = interactionsToCsr(interactions);
        const wanted = Uint8Array.from({ length: whole.rows }, (_, user) => Number(user % every === 0));
        const { rowPtr, colIdx, rows, cols } = csrOfUsers(interactions, wanted);
        expect([rows, cols, rowPtr[rows]]).toEqual([whole.rows, whole.cols, colIdx.length]);
        for (const [user, isWanted] of wanted.entries()) {
          const row = whole.colIdx.subarray(whole.rowPtr[user], whole.rowPtr[user + 1]);
          expect(colIdx.subarray(rowPtr[user], rowPtr[user + 1])).toEqual(isWanted ? row : new Int32Array(0));
        }
      }),
    );
  });
});

describe('transpose', () => {
  it('moves every value to its mirrored place', () => {
    const csr: Csr = {
      rows: 2,
      cols: 3,
      rowPtr: Int32Array.of(0, 2, 3),
      colIdx: Int32Array.of(0, 2, 0),
      values: Float32Array.of(1, 2, 3),
    };
    expect(transpose(csr)).toEqual({
      rows: 3,
      cols: 2,
      rowPtr: Int32Array.of(0, 2, 2, 3),
      colIdx: Int32Array.of(0, 1, 0),
      values: Float32Array.of(1, 3, 2),
    });
  });

  it('twice is the identity', () => {
    fc.assert(
      fc.property(anyInteractions, (set) => {
        const csr = {
          ...interactionsToCsr(set),
          values: Float32Array.from({ length: set.length }, (_, n) => n),
        };
        expect(transpose(transpose(csr))).toEqual(csr);
      }),
    );
  });

  it.each([
    ['a short rowPtr', { rowPtr: Int32Array.of(0, 2) }],
    ['a rowPtr that misses nnz', { rowPtr: Int32Array.of(0, 1, 1) }],
    ['a rowPtr that falls', { rows: 3, rowPtr: Int32Array.of(0, 2, 1, 2) }],
    ['a column out of range', { colIdx: Int32Array.of(0, 2) }],
    ['a negative column', { colIdx: Int32Array.of(-1, 0) }],
    ['a repeated column', { colIdx: Int32Array.of(1, 1) }],
    ['values of another length', { values: new Float32Array(1) }],
  ])('refuses %s', (_, wrong) => {
    const csr: Csr = {
      rows: 2,
      cols: 2,
      rowPtr: Int32Array.of(0, 2, 2),
      colIdx: Int32Array.of(0, 1),
      values: null,
    };
    expect(transpose(csr).colIdx.length).toBe(2);
    expect(() => transpose({ ...csr, ...wrong })).toThrow(ShapeError);
  });
});
