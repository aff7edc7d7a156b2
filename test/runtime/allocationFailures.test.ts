import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLlminitError } from '../../src/errors.ts';
import { train } from '../../src/recipe/train.ts';
import { Arena } from '../../src/runtime/arena.ts';
import { load } from '../../src/runtime/load.ts';
import { encodeModel } from '../../src/serve/modelFile/encode.ts';
import { Recommender } from '../../src/serve/recommender.ts';
import { catalogue, interactions, small } from '../recipe/shop.ts';
import { blendModel, factorModel, rowModel } from '../serve/sampleModels.ts';

/** `allocate` is protected: what every buffer of a workspace comes from. */
const arena = Arena.prototype as unknown as { allocate(bytes: number): number };
const allocate = arena.allocate;

afterEach(() => vi.restoreAllMocks());

/** Counts allocations; the n-th finds no memory, as where the host refuses to grow it. */
function failing(n: number): { count: number } {
  const seen = { count: 0 };
  vi.spyOn(arena, 'allocate').mockImplementation(function (this: Arena, bytes: number) {
    // An arena that only counts has no memory that could fail.
    if (this.buffer.byteLength === 0 || ++seen.count !== n) return allocate.call(this, bytes);
    // More than any memory holds: the arena refuses it by itself.
    return allocate.call(this, 2 ** 40);
  });
  return seen;
}

/** What `job` gives when every allocation succeeds, and for each n when the n-th fails. */
async function everyFailure(
  job: () => Promise<unknown>,
  step: number,
  after: (outcome: unknown) => Promise<void>,
): Promise<number> {
  const seen = failing(0);
  await job();
  vi.restoreAllMocks();
  for (let n = 1; n <= seen.count; n += step) {
    failing(n);
    const outcome = await job().catch((error: unknown) => error);
    vi.restoreAllMocks();
    await after(outcome);
  }
  return seen.count;
}

describe('a training whose n-th allocation fails', () => {
  const options = { ...small, init: 'pca', epochs: 2, patience: 1 } as const;

  it('ends with a BudgetError at every n, and the same runtime trains to the same bytes afterwards', async () => {
    const runtime = await load();
    const run = async () => (await train({ interactions, catalogue }, { ...options, runtime })).encode();
    const bytes = await run();
    const codes = new Set<string>();
    const count = await everyFailure(run, 1, async (outcome) => {
      codes.add(isLlminitError(outcome) ? outcome.code : `${outcome}`);
    });
    expect(count).toBeGreaterThan(50);
    expect([...codes]).toEqual(['ERR_LLMINIT_BUDGET']);
    expect(await run()).toEqual(bytes);
  });

  it('of a contest skips what failed or ends with a BudgetError', async () => {
    const run = () => train({ interactions, catalogue }, { ...small, epochs: 2 });
    const whole = (await run()).encode();
    const outcomes = new Set<string>();
    await everyFailure(run, 17, async (outcome) => {
      if (outcome instanceof Error) outcomes.add(isLlminitError(outcome) ? outcome.code : `${outcome}`);
      else {
        const { trials } = outcome as Awaited<ReturnType<typeof run>>;
        outcomes.add(trials.some(({ skipped }) => skipped?.includes('bytes')) ? 'skipped' : 'whole');
      }
    });
    expect([...outcomes].sort()).toEqual(['ERR_LLMINIT_BUDGET', 'skipped']);
    expect((await run()).encode()).toEqual(whole);
  });
});

describe.each(Object.entries({ factors: factorModel, rows: rowModel, blend: blendModel }))(
  'a service on a model of %s whose n-th allocation fails',
  (_, model) => {
    const file = encodeModel(model());
    const history = ['item 3', 'item 7'];
    const answers = (recommender: Recommender) => [
      recommender.recommend('user 1', { k: 5 }),
      recommender.recommendFor(history, { k: 5 }),
      recommender.recommendMany(['user 1', 'user 2'], { k: 3 }),
      recommender.similarItems('item 4', { k: 5 }),
      recommender.popularItems({ k: 5 }),
      recommender.rank('user 2', ['item 1', 'item 9']),
      recommender.score('user 1', 'item 2'),
    ];

    it('gives a BudgetError while it opens or answers, and right answers afterwards', async () => {
      const right = answers(await Recommender.open(file));
      const run = async () => answers(await Recommender.open(file));
      const count = await everyFailure(run, 1, async (outcome) => {
        expect(outcome).toMatchObject({ code: 'ERR_LLMINIT_BUDGET' });
      });
      expect(count).toBeGreaterThan(0);
      expect(await run()).toEqual(right);
    });

    it('keeps its answers when a change of it fails', async () => {
      const change = (recommender: Recommender) => {
        recommender.addInteractions([{ user: 'user 1', item: 'item 5' }]);
        recommender.hide(['item 30']);
        return answers(recommender);
      };
      const recommender = await Recommender.open(file);
      const right = change(await Recommender.open(file));
      for (let n = 1; ; n++) {
        const seen = failing(n);
        const outcome = await Promise.resolve()
          .then(() => change(recommender))
          .catch((error: unknown) => error);
        vi.restoreAllMocks();
        if (seen.count < n) break;
        expect(outcome).toMatchObject({ code: 'ERR_LLMINIT_BUDGET' });
      }
      expect(change(recommender)).toEqual(right);
    });
  },
);
