import { describe, expect, it } from 'vitest';
import { isExhausted } from '../../src/train/earlyStopping.ts';

/** Epochs that training runs on a validation curve, NDCG@10 × 10⁴; null: all of them. */
function epochsRun(curve: readonly (number | null)[], patience: number, minRise = 0): number | null {
  for (let epochs = 1; epochs <= curve.length; epochs++) {
    const history = curve.slice(0, epochs).map((metric, n) => ({ epoch: n + 1, loss: 1, metric }));
    const best = history.reduce((a, b) => ((b.metric ?? -1) > (a.metric ?? -1) ? b : a));
    if (isExhausted(history, best.metric === null ? null : best.epoch, patience, minRise)) return epochs;
  }
  return null;
}

/** LightGCN from graph PCA with uniform negatives on Office: up, down, and up again beyond where it was. */
const DIP = [
  523, 423, 383, 370, 375, 396, 419, 451, 473, 489, 503, 515, 526, 538, 554, 556, 560, 561, 563, 565,
];
/** The same on a set of which the curve does not come back. */
const DECLINE = [
  1180, 1220, 1260, 1240, 1225, 1210, 1190, 1175, 1168, 1160, 1158, 1150, 1149, 1146, 1140, 1135,
];
/** With negatives by popularity. */
const PEAK = [509, 551, 574, 581, 584, 579, 575, 571, 570, 566, 561, 559, 557, 556];

describe('early stopping', () => {
  it.each([3, 4, 5, 7, 10])('does not end in a dip, with a patience of %i', (patience) => {
    expect(epochsRun(DIP, patience)).toBeNull();
  });

  it('ends by its patience where the curve stays down', () => {
    expect(epochsRun(DECLINE, 10)).toBe(14);
    expect(epochsRun(DECLINE, 5)).toBe(9);
    expect(epochsRun(PEAK, 5)).toBe(11);
  });

  it('waits with a small patience until the curve has not risen three times running', () => {
    expect(epochsRun(DECLINE, 3)).toBe(9);
    expect(epochsRun(DECLINE, 0)).toBe(4);
  });

  it('ends where the metric can rise no further', () => {
    expect(epochsRun([500, ...Array(20).fill(1000)], 4)).toBe(9);
  });

  it('counts evaluations, not epochs, and waits for the first', () => {
    const sparse = DECLINE.flatMap((metric) => [null, metric]);
    expect(epochsRun(sparse, 10)).toBe(28);
    expect(epochsRun([null, null, null], 0)).toBeNull();
  });

  it('takes no notice of small rises, each against the last that counted', () => {
    expect(epochsRun([500, 510, 520, 530, 540, 550, 560], 1, 15)).toBeNull();
    expect(epochsRun([500, 510, 514, 530, 540], 1, 15)).toBe(3);
    expect(epochsRun([500, 530, 531, 532], 1, 15)).toBe(4);
    expect(epochsRun(DIP, 1, 1)).toBe(3);
  });

  it('counts the first evaluation as a rise', () => {
    expect(epochsRun([0, 0, 0], 1, 15)).toBe(3);
    expect(epochsRun([null, 5, 5], 0, 15)).toBe(3);
  });
});
