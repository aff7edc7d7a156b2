import { describe, expect, it } from 'vitest';
import { codeVocabulary, type ItemCodes } from '../../../src/data/itemCodes.ts';
import { CodeScorer } from '../../../src/rank/codeScorer.ts';
import { load } from '../../../src/runtime/load.ts';
import { weightsOf } from '../../models/sequences/packed.ts';
import { smallSasRec } from '../../reference/sasrecSample.ts';
import { started } from '../started.ts';
import { exhaustiveScores } from './reference.ts';
import { CODES } from './sampleCodes.ts';

const runtime = await load();
const HEADS = 2;
const NUM_ITEMS = CODES.values.length / CODES.columns;

function sample(codes: ItemCodes, length: number, beams: number, dim = 6) {
  const { tokens } = codeVocabulary(codes);
  const model = smallSasRec(tokens, dim, codes.columns * (length + 1) - 1);
  const own = { ...codes, tokens: Float32Array.from(model.items.data), beams };
  return { model, scorer: new CodeScorer('tiger', { ...weightsOf(model, HEADS), codes: own }) };
}

function scoresOf(scorer: CodeScorer, histories: readonly number[][]): number[][] {
  const workspace = runtime.open();
  try {
    const adder = started(scorer.adder(workspace));
    const scores = workspace.matrix(Math.ceil(histories.length / 4) * 4, scorer.numItems, 24);
    adder.add(
      histories.map((history) => ({ user: null, history })),
      1,
      scores,
    );
    return histories.map((_, n) => [...scores.row(n).view]);
  } finally {
    workspace.close();
  }
}

const HISTORIES = [[3], [0, 7, 12, 5], [19, 1, 2, 3, 4, 5, 6, 8], [11, 4]];

describe('a beam over codes', () => {
  it.each([6, 16])('of enough beams gives every item the probability of its codes, dim %i', (dim) => {
    const { model, scorer } = sample(CODES, 5, 100, dim);
    const found = scoresOf(scorer, HISTORIES);
    for (const [n, history] of HISTORIES.entries()) {
      const expected = exhaustiveScores(model, CODES, history.slice(-5), HEADS);
      for (let item = 0; item < NUM_ITEMS; item++) expect(found[n][item]).toBeCloseTo(expected[item], 4);
      expect(found[n].reduce((sum, score) => sum + Math.exp(score), 0)).toBeCloseTo(1, 5);
    }
  });

  it('of few beams is exact for what it follows, and shares what it does not follow equally', () => {
    const [exact] = scoresOf(sample(CODES, 5, 100).scorer, [HISTORIES[1]]);
    for (const beams of [1, 2, 3]) {
      const [found] = scoresOf(sample(CODES, 5, beams).scorer, [HISTORIES[1]]);
      expect(found.reduce((sum, score) => sum + Math.exp(score), 0)).toBeCloseTo(1, 5);
      const same = found.filter((score, item) => score === exact[item]).length;
      expect(same).toBeGreaterThan(3);
      expect(same).toBeLessThan(NUM_ITEMS);
      // The best item behind the best prefix is among what is followed.
      for (const [item, score] of found.entries()) {
        if (score === exact[item]) continue;
        const alike = found.filter((other) => other === score).length;
        expect(alike).toBeGreaterThan(1);
      }
    }
  });

  it('says the same to the bit whatever was asked before, and of an empty history nothing', () => {
    const { scorer } = sample(CODES, 5, 3);
    const together = scoresOf(scorer, [...HISTORIES, []]);
    for (const [n, history] of HISTORIES.entries())
      expect(scoresOf(scorer, [history])[0]).toEqual(together[n]);
    for (const score of together[4]) expect(score).toBeCloseTo(-Math.log(NUM_ITEMS), 6);
  });

  it('ranks any number of items in one order', () => {
    const { scorer } = sample(CODES, 5, 2);
    const workspace = runtime.open();
    const open = started(scorer.open(workspace, 'many', NUM_ITEMS));
    const ranked = (k: number) => {
      let items: number[] = [];
      open.rank(
        1,
        k,
        () => ({ user: null, history: [3, 4] }),
        (_, mask) => mask.exclude([3, 4]),
        (_, found) => {
          items = [...found.items];
        },
      );
      return items;
    };
    const all = ranked(NUM_ITEMS);
    expect(all).toHaveLength(NUM_ITEMS - 2);
    for (const k of [1, 3, 9]) expect(ranked(k)).toEqual(all.slice(0, k));
    workspace.close();
  });

  it('of a catalogue of one item per code has nothing to follow', () => {
    const codes = { columns: 2, values: Int32Array.from([2, 0, 0, 0, 1, 0, 3, 0, 4, 0]) };
    const { model, scorer } = sample(codes, 3, 1);
    const [found] = scoresOf(scorer, [[0, 3]]);
    const expected = exhaustiveScores(model, codes, [0, 3], HEADS);
    for (const [item, score] of expected.entries()) expect(found[item]).toBeCloseTo(score, 5);
  });
});
