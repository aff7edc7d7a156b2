import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/runtime/turns.ts';

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
});
