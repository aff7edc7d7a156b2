import { beforeAll, describe, expect, it } from 'vitest';
import { IdTable } from '../../src/data/idTable.ts';
import { Interactions } from '../../src/data/interactions.ts';
import type { NodeTables } from '../../src/data/nodeTables.ts';
import type { Split } from '../../src/data/splits.ts';
import { BudgetError, DataError, OptionError, ShapeError } from '../../src/errors.ts';
import { type EvaluateOptions, evaluate, type Protocol } from '../../src/evaluate/evaluate.ts';
import { type MetricsResult, metricNames, userMetrics } from '../../src/evaluate/metrics.ts';
import { load } from '../../src/runtime/load.ts';
import { randomIndices, randomValues } from '../kernels/harness.ts';
import { topK } from '../reference.ts';

const NUM_ITEMS = 61;
const PARTS = ['valid', 'test'] as const;
const PROTOCOLS = ['standard', 'paper'] as const;
const KS = [1, 5, 10, 80];

/** A split of which every fifth user has no test item, every seventh no validation item, every third two test items. */
function splitOf(numUsers: number): Split {
  const userTable = new IdTable();
  const itemTable = new IdTable();
  for (let n = 0; n < numUsers; n++) userTable.add(`u${n}`);
  for (let n = 0; n < NUM_ITEMS; n++) itemTable.add(`i${n}`);
  const parts = { train: [[], []], valid: [[], []], test: [[], []] } as Record<
    (typeof PARTS)[number] | 'train',
    [number[], number[]]
  >;
  const add = (part: keyof typeof parts, user: number, item: number | undefined) => {
    if (item === undefined) return;
    parts[part][0].push(user);
    parts[part][1].push(item);
  };
  for (let user = 0; user < numUsers; user++) {
    const own = [...new Set(randomIndices(14, NUM_ITEMS, user))];
    if (user % 5 !== 0) add('test', user, own.pop());
    if (user % 5 !== 0 && user % 3 === 0) add('test', user, own.pop());
    if (user % 7 !== 0) add('valid', user, own.pop());
    for (const item of own) add('train', user, item);
  }
  const interactions = ([users, items]: [number[], number[]]) =>
    new Interactions({ userTable, itemTable, users: Int32Array.from(users), items: Int32Array.from(items) });
  return {
    train: interactions(parts.train),
    valid: interactions(parts.valid),
    test: interactions(parts.test),
  };
}

/** Small integers: every score is exact in f32 and many are equal. */
function factorsOf(split: Split, dim: number): NodeTables {
  const whole = (length: number, round: number) => randomValues(length, round, -3, 4).map(Math.floor);
  return { users: whole(split.train.numUsers * dim, 1), items: whole(NUM_ITEMS * dim, 2), dim };
}

function itemsOf(part: Interactions, user: number): number[] {
  return [...part.items].filter((_, n) => part.users[n] === user).sort((a, b) => a - b);
}

/** One user at a time: all scores in float64, everything sorted. */
function bruteForce(
  factors: NodeTables,
  split: Split,
  part: 'valid' | 'test',
  protocol: Protocol,
): MetricsResult['perUser'] {
  const { users, items, dim } = factors;
  const rows: Float64Array[] = [];
  for (let user = 0; user < split.train.numUsers; user++) {
    const relevant = itemsOf(split[part], user);
    if (relevant.length === 0) continue;
    const seen = part === 'valid' ? [split.train] : [split.train, split.valid];
    const masked = protocol === 'paper' ? [] : seen.flatMap((set) => itemsOf(set, user));
    const scores = Array.from({ length: NUM_ITEMS }, (_, item) => {
      let sum = 0;
      for (let c = 0; c < dim; c++) sum += users[user * dim + c] * items[item * dim + c];
      return sum;
    });
    const ranked = topK(scores, NUM_ITEMS, masked).filter((item) => item >= 0);
    rows.push(userMetrics(ranked, relevant, KS, { scores: Array.from(ranked, (item) => scores[item]) }));
  }
  return Object.fromEntries(
    metricNames(KS).map((name, n) => [name, Float64Array.from(rows, (row) => row[n])]),
  );
}

const split = splitOf(150);
const factors = factorsOf(split, 3);

describe.each(PARTS)('evaluating the %s items', (part) => {
  it.each(PROTOCOLS)(
    'gives every user the metrics of a full sort under the %s protocol, ties included',
    async (protocol) => {
      for (const dim of [1, 3, 8]) {
        const own = factorsOf(split, dim);
        const { perUser, means } = await evaluate(own, split, { part, protocol, ks: KS });
        const expected = bruteForce(own, split, part, protocol);
        expect(perUser).toEqual(expected);
        for (const name of metricNames(KS)) {
          const sum = expected[name].reduce((total, value) => total + value, 0);
          expect(means[name]).toBeCloseTo(sum / expected[name].length, 12);
        }
      }
    },
  );

  it('measures the users with a held-out item and no other', async () => {
    const { users, perUser } = await evaluate(factors, split, { part });
    const held = [...new Set(split[part].users)].sort((a, b) => a - b);
    expect([...users]).toEqual(held);
    expect(held.length).toBeLessThan(150);
    expect(perUser['recall@10'].length).toBe(held.length);
  });

  it('does not depend on which users are ranked together', async () => {
    const { users, perUser } = await evaluate(factors, split, { part, ks: KS });
    for (const user of [users[0], users[63], users[64], users[users.length - 1]]) {
      const positions = (set: Interactions) => [...set.users.keys()].filter((p) => set.users[p] === user);
      const alone = { ...split, [part]: split[part].subset(positions(split[part])) };
      const own = await evaluate(factors, alone, { part, ks: KS });
      expect([...own.users]).toEqual([user]);
      for (const name of metricNames(KS))
        expect(own.perUser[name][0]).toBe(perUser[name][users.indexOf(user)]);
    }
  });
});

describe('the protocols', () => {
  // Item n has score −n for every user, so that ranks can be read off.
  const descending: NodeTables = {
    users: new Float32Array(150).fill(1),
    items: Float32Array.from({ length: NUM_ITEMS }, (_, item) => -item),
    dim: 1,
  };
  const user = 11;
  const target = itemsOf(split.test, user)[0];
  const above = (set: Interactions) => itemsOf(set, user).filter((item) => item < target).length;
  const reciprocal = async (options: EvaluateOptions) => {
    const { users, perUser } = await evaluate(descending, split, { ks: [NUM_ITEMS], ...options });
    return perUser[`mrr@${NUM_ITEMS}`][users.indexOf(user)];
  };
  const aim = itemsOf(split.valid, user)[0];

  it('mask training and validation items at test under standard, nothing under paper', async () => {
    expect(above(split.train) + above(split.valid)).toBeGreaterThan(0);
    const seen = above(split.train) + above(split.valid);
    expect(await reciprocal({ protocol: 'standard' })).toBe(1 / (target + 1 - seen));
    expect(await reciprocal({ protocol: 'paper' })).toBe(1 / (target + 1));
  });

  it('mask training items and not test items at validation under standard', async () => {
    const seen = itemsOf(split.train, user).filter((item) => item < aim).length;
    expect(seen).toBeGreaterThan(0);
    expect(await reciprocal({ part: 'valid' })).toBe(1 / (aim + 1 - seen));
    expect(await reciprocal({ part: 'valid', protocol: 'paper' })).toBe(1 / (aim + 1));
  });

  it('default to the test part, the standard protocol and the cut-offs 10, 20 and 50', async () => {
    const result = await evaluate(factors, split);
    const spelled = await evaluate(factors, split, { part: 'test', protocol: 'standard', ks: [10, 20, 50] });
    expect(result).toEqual(spelled);
  });

  it('value a model that scores all items alike as chance, whatever the numbers of the items', async () => {
    const level: NodeTables = { users: new Float32Array(150), items: new Float32Array(NUM_ITEMS), dim: 1 };
    const { users, perUser } = await evaluate(level, split, { ks: [10] });
    for (const [n, user] of users.entries()) {
      const unseen = NUM_ITEMS - itemsOf(split.train, user).length - itemsOf(split.valid, user).length;
      expect(perUser['recall@10'][n]).toBeCloseTo(10 / unseen, 12);
    }
  });
});

describe('evaluate refuses', () => {
  let limited: EvaluateOptions;
  beforeAll(async () => {
    limited = { runtime: await load({ maxMemoryBytes: 20_000 }) };
  });

  it('factors of other users, items or widths than the split', async () => {
    const { users, items, dim } = factors;
    for (const wrong of [
      { users: users.subarray(3), items, dim },
      { users, items: items.subarray(3), dim },
      { users, items, dim: 2 },
      { users: new Float32Array(), items: new Float32Array(), dim: 0 },
      { users: users.slice(0, 75), items: new Float32Array(30.5), dim: 0.5 },
    ]) {
      await expect(evaluate(wrong, split)).rejects.toThrow(ShapeError);
    }
  });

  it.each(['users', 'items'] as const)(
    '%s factors that are NaN or Inf, which have no rank',
    async (table) => {
      for (const bad of [Number.NaN, -Infinity]) {
        const broken = { ...factors, [table]: factors[table].with(7, bad) };
        await expect(evaluate(broken, split)).rejects.toThrow(DataError);
        await expect(evaluate(broken, split)).rejects.toThrow(`${bad} in row 2 of the ${table} factors`);
      }
    },
  );

  it('an unknown protocol, an unknown part and cut-offs that are not ascending integers', async () => {
    await expect(evaluate(factors, split, { protocol: 'full' as Protocol })).rejects.toThrow(
      'received "full"',
    );
    await expect(evaluate(factors, split, { part: 'train' as 'test' })).rejects.toThrow('received "train"');
    for (const ks of [[], [0], [10, 10], [20, 10], [1.5], [Number.NaN]]) {
      await expect(evaluate(factors, split, { ks })).rejects.toThrow(OptionError);
    }
  });

  it('a split without held-out items', async () => {
    const none = { ...split, test: split.test.subset([]) };
    await expect(evaluate(factors, none)).rejects.toThrow(DataError);
  });

  it('a job beyond the memory limit, before it starts', async () => {
    const wide = { users: new Float32Array(150 * 64), items: new Float32Array(NUM_ITEMS * 64), dim: 64 };
    await expect(evaluate(wide, split, limited)).rejects.toThrow(BudgetError);
    await expect(evaluate(wide, split, limited)).rejects.toThrow('evaluate: needs');
  });
});
