import { describe, expect, it } from 'vitest';
import { TouchAhead } from '../../src/runtime/touchAhead.ts';

const LARGE = 17 * 2 ** 20;

/** What `calls` calls are given where they take these milliseconds without and with touching. */
function choices(bytes: number, calls: number, ms: (touch: 0 | 1, call: number) => number): number[] {
  let clock = 0;
  const touchAhead = new TouchAhead();
  const given: number[] = [];
  for (let call = 0; call < calls; call++) {
    touchAhead.run(
      bytes,
      (touch) => {
        given.push(touch);
        clock += ms(touch, call);
      },
      () => clock,
    );
  }
  return given;
}

describe('TouchAhead', () => {
  it('tries both ways in turn and keeps the faster', () => {
    const trials = [1, 0, 1, 0, 1, 0, 1, 0];
    expect(choices(LARGE, 10, (touch) => (touch ? 2 : 3))).toEqual([...trials, 1, 1]);
    expect(choices(LARGE, 10, (touch) => (touch ? 3 : 2))).toEqual([...trials, 0, 0]);
  });

  it('does not count the first call of each, nor one slow moment', () => {
    const slowStart = choices(LARGE, 9, (touch, call) => (call < 2 || call === 4 ? 50 : touch ? 2 : 3));
    expect(slowStart[8]).toBe(1);
    const slowOther = choices(LARGE, 9, (touch, call) => (call === 3 ? 50 : touch ? 3 : 2));
    expect(slowOther[8]).toBe(0);
  });

  it('touches where the clock stands still, and never the rows of small tables', () => {
    expect(choices(LARGE, 9, () => 0)[8]).toBe(1);
    expect(choices(16 * 2 ** 20, 9, () => 1)).toEqual(new Array(9).fill(0));
  });
});
