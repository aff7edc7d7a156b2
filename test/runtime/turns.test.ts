import { describe, expect, it } from 'vitest';
import { inTurns, Turns, withoutTurns } from '../../src/runtime/turns.ts';

describe('turns of the event loop', () => {
  it('are given when work has held it for 50 ms, and not before', async () => {
    let fired = false;
    const turns = new Turns();
    setTimeout(() => {
      fired = true;
    }, 0);
    await turns.offer();
    expect(fired).toBe(false);
    const until = performance.now() + 60;
    while (performance.now() < until);
    await turns.offer();
    expect(fired).toBe(true);
  });

  it('let an abort arrive, and throw its reason', async () => {
    const stop = new AbortController();
    const turns = new Turns(stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 0);
    await expect(turns.take()).rejects.toThrow('enough');
    await expect(turns.offer()).rejects.toThrow('enough');
  });

  it('come between pieces of work, whose result is that without turns', async () => {
    function* work(): Generator<void, string> {
      yield;
      yield;
      return 'done';
    }
    expect(withoutTurns(work())).toBe('done');
    expect(await inTurns(work(), new Turns())).toBe('done');
    const stop = new AbortController();
    const stopped = new Turns(stop.signal);
    stop.abort(new Error('enough'));
    await expect(inTurns(work(), stopped)).rejects.toThrow('enough');
  });
});
