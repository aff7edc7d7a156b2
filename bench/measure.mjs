// Interleaved timing. All contestants of a case take turns, so that a slow minute of the machine falls on all of them.

/** Copies of the data of a contestant that takes turns on them. */
export const COPIES = 3;

/** A contestant that takes longer than this has a few turns only. */
const SLOW_MS = 3000;
const SLOW_TURNS = 3;

/** Turns of every contestant, more where a round of turns is short: quiet moments of a shared machine are rare. */
const FULL = { turns: 12, mostTurns: 36, caseMs: 40_000, turnMs: 60, warmUpMs: 600, mostRuns: 20 };
const QUICK = { turns: 2, mostTurns: 2, caseMs: 0, turnMs: 10, warmUpMs: 100, mostRuns: 5 };

/**
 * Measures the contestants of one case.
 *
 * A contestant is `{ name, run, result? }`: `run` gets the number of its turn, does the work once and returns its
 * milliseconds (or a promise), and `result` gives the numbers of turn 0. Warm-up lasts long enough for V8 to replace its
 * first, slow code. A turn's first run only brings the caches back and is not counted when there is time for another.
 * `turnMs` has the least time of each turn, in which a ratio of two contestants compares what was measured within seconds.
 * @param reference float64 arrays that `result` is compared with, in the same order
 */
export async function measure(contestants, reference, quick) {
  const settings = quick ? QUICK : FULL;
  const rows = [];
  let roundMs = 0;
  for (const contestant of contestants) {
    // By the clock: a contestant that does a part of the work states the milliseconds of the whole.
    let clock = performance.now();
    const first = await contestant.run(0);
    let lastMs = performance.now() - clock;
    const error = reference && contestant.result ? largestError(await contestant.result(), reference) : null;
    const { copies = 1 } = contestant;
    for (let spent = first, runs = 1; runs < copies || (spent < settings.warmUpMs && runs < 1000); runs++) {
      clock = performance.now();
      spent += await contestant.run(runs);
      lastMs = performance.now() - clock;
    }
    roundMs += Math.max(settings.turnMs, lastMs);
    rows.push({
      name: contestant.name,
      note: contestant.note,
      ours: contestant.ours ?? false,
      error,
      samples: [],
      turnMs: [],
    });
  }
  const { turns, mostTurns, caseMs } = settings;
  const most = Math.min(mostTurns, Math.max(turns, Math.round(caseMs / roundMs)));
  for (let turn = 0; turn < most; turn++) {
    for (const n of orderOf(turn, contestants.length)) {
      const contestant = contestants[n];
      if (turn >= SLOW_TURNS && rows[n].samples[0] > SLOW_MS) continue;
      const samples = await takeTurn(contestant, turn, settings);
      rows[n].samples.push(...samples);
      rows[n].turnMs.push(Number(Math.min(...samples).toPrecision(4)));
    }
  }
  return rows.map(({ samples, ...row }) => ({
    ...row,
    minMs: Math.min(...samples),
    medianMs: median(samples),
    runs: samples.length,
  }));
}

/** Fails unless two contestants in this process leave the same numbers behind, to the bit. */
export function checkSameResults([one, two]) {
  one.run();
  two.run();
  const [expected, received] = [one.result(), two.result()];
  expected.forEach((array, part) => {
    array.forEach((value, n) => {
      if (Object.is(value, received[part][n])) return;
      throw new Error(`${two.name} gave ${received[part][n]} where ${one.name} gave ${value}`);
    });
  });
}

/** The milliseconds of one call, for contestants in this process. */
export function timed(work) {
  return () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
}

/**
 * Who comes when: to and fro, each turn from another one on. Else one contestant would always follow the same other, after
 * a peer in another process for instance, while a core wakes up; and none comes twice in a row.
 */
function orderOf(turn, count) {
  const order = Array.from({ length: count }, (_, n) => (n + turn) % count);
  return turn % 2 === 0 ? order : order.reverse();
}

/**
 * One contestant of several that do the same work on copies of the same data, each of them in its turn. Pages of 4 KB lie
 * where the system found room, some of them in each other's way in the caches: as long as it lives, one copy of a large
 * table can be a third slower than the next, and the ratio of two contestants would be that of their luck.
 */
export function takingTurns(copies) {
  return { ...copies[0], copies: copies.length, run: (turn = 0) => copies[turn % copies.length].run() };
}

async function takeTurn(contestant, turn, { turnMs, mostRuns }) {
  const first = await contestant.run(turn);
  if (first > turnMs / 2) return [first];
  const samples = [];
  for (let spent = first; spent < turnMs && samples.length < mostRuns; ) {
    const ms = await contestant.run(turn);
    samples.push(ms);
    spent += ms;
  }
  return samples;
}

/** The largest |x − reference| of each array relative to its largest |reference|, and of those the largest. */
function largestError(result, reference) {
  let worst = 0;
  reference.forEach((expected, part) => {
    const received = result[part];
    if (received.length !== expected.length) {
      throw new Error(`a contestant gave ${received.length} numbers, expected ${expected.length}`);
    }
    let difference = 0;
    let size = 0;
    for (let n = 0; n < expected.length; n++) {
      difference = Math.max(difference, Math.abs(received[n] - expected[n]));
      size = Math.max(size, Math.abs(expected[n]));
      if (Number.isNaN(received[n])) difference = Infinity;
    }
    worst = Math.max(worst, difference / (size || 1));
  });
  return worst;
}

export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/**
 * Measures one case and describes it: `{ title, key, flops, bytes, rows, absent }`. Contestants with `absent` are named
 * with the reason. `flops` and `bytes` are those of one run of the work; a contestant may state `flops` of its own.
 * @param contestants promises or contestants
 */
export async function measureCase(
  context,
  { title, key, contestants, reference, flops = null, bytes = null },
) {
  const all = await Promise.all(contestants);
  const present = all.filter(({ absent }) => !absent);
  const measured = await measure(present, reference, context.quick);
  for (const { free } of present) await free?.();
  const rows = measured.map((row, n) => {
    const { minMs } = row;
    const work = present[n].flops ?? flops;
    const gflops = work === null ? null : work / minMs / 1e6;
    const ownWork = present[n].flops !== undefined;
    const gbs = bytes === null || ownWork ? null : bytes / minMs / 1e6;
    return { ...row, gflops, gbs, ownWork };
  });
  context.progress(title, rows);
  return {
    title,
    key,
    rows,
    absent: all.filter(({ absent }) => absent).map(({ name, absent }) => ({ name, absent })),
  };
}
