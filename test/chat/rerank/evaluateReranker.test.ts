import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cachedChat, memoryChatCache } from '../../../src/chat/cache.ts';
import { httpChat } from '../../../src/chat/httpChat.ts';
import { calibrateReranker } from '../../../src/chat/rerank/calibrateReranker.ts';
import type { RerankCase } from '../../../src/chat/rerank/cases.ts';
import { estimateRerank } from '../../../src/chat/rerank/estimateRerank.ts';
import { evaluateReranker } from '../../../src/chat/rerank/evaluateReranker.ts';
import { type ChatFunction, toChat } from '../../../src/chat/toChat.ts';
import { DataError, OptionError } from '../../../src/errors.ts';
import { PURPOSE, Random } from '../../../src/runtime/random.ts';
import { type ChatServer, chatServer, HOSTILE, hashed } from '../chatServer.ts';

const COLOURS = ['red', 'blue', 'green', 'black', 'white'];

/**
 * People who like a colour. Our order has what is relevant among the first 20 in three of four cases, the higher the likelier;
 * a fifth of the candidates has the colour.
 */
function casesOf(count: number, seed: number): RerankCase[] {
  return Array.from({ length: count }, (_, user) => {
    const random = new Random(seed, PURPOSE.synthetic, user);
    const colour = COLOURS[random.below(5)];
    const candidates = Array.from({ length: 20 }, (__, n) => ({
      ...{ id: `i${seed}-${user}-${n}`, title: `${COLOURS[(n + user) % 5]} thing ${random.below(10_000)}` },
    }));
    const place = Math.floor(20 * random.uniform() * random.uniform());
    const relevant = { ...candidates[place], title: `${colour} thing ${random.below(10_000)}` };
    candidates[place] = relevant;
    const isThere = random.uniform() < 0.75;
    return {
      ...{ id: `u${user}`, candidates, history: [`${colour} lamp`, `${colour} chair`] },
      relevant: [isThere ? relevant.id : 'elsewhere'],
    };
  });
}
const [VALID, TEST] = [casesOf(60, 1), casesOf(80, 2)];

/** The order of a rule, as a function. */
const chatOf =
  (rule: (title: string, history: string[]) => number): ChatFunction =>
  (messages) => {
    const { candidates, history } = JSON.parse(messages[1].content);
    const scored = candidates.map((one: { number: number; title: string }) => [
      one.number,
      rule(one.title, history),
    ]);
    scored.sort((a: number[], b: number[]) => b[1] - a[1]);
    return JSON.stringify({ ranking: scored.map(([number]: number[]) => number) });
  };
const byColour = (title: string, history: string[]) =>
  (history[0].split(' ')[0] === title.split(' ')[0] ? 1 : 0) + hashed(title) / 100;

describe('a chat model that knows what people like', () => {
  test('is given a weight on validation people, and gains on others', async () => {
    const chat = chatOf(byColour);
    const found = await calibrateReranker(VALID, { chat });
    expect(found.weight).toBeGreaterThan(0);
    expect(found.tried.map(({ weight }) => weight)).toEqual([0.25, 0.5, 0.75, 1]);
    const { ndcg, ownNdcg, ceilingNdcg, ceilingRecall, gain, p, changed, perUser, recall, ownRecall } =
      await evaluateReranker(TEST, { chat, weight: found.weight });
    expect(ndcg).toBeGreaterThan(ownNdcg + 0.05);
    expect(ndcg).toBeLessThanOrEqual(ceilingNdcg);
    expect(recall).toBeGreaterThan(ownRecall);
    expect(recall).toBeLessThanOrEqual(ceilingRecall);
    expect(gain.low).toBeGreaterThan(0);
    expect(gain.mean).toBeCloseTo(ndcg - ownNdcg, 12);
    expect(p).toBeLessThan(0.01);
    expect(changed).toBe(TEST.length);
    expect(perUser.length).toBe(TEST.length);
  });

  test('costs what its tokens cost, and nothing a second time from a cache', async () => {
    let asked = 0;
    const answer = chatOf(byColour);
    const counting = {
      id: 'counting',
      async ask({ messages, schema }: Parameters<ReturnType<typeof toChat>['ask']>[0]) {
        asked++;
        return { text: await answer(messages, schema, {}), promptTokens: 1000, answerTokens: 100 };
      },
    };
    const cases = TEST.slice(0, 10);
    const options = { chat: cachedChat(counting, memoryChatCache()), priceIn: 2, priceOut: 10, rounds: 2 };
    const first = await evaluateReranker(cases, options);
    expect(asked).toBe(20);
    expect(first).toMatchObject({ promptTokens: 20_000, answerTokens: 2000, cached: 0, price: 0.06 });
    const again = await evaluateReranker(cases, options);
    expect(asked).toBe(20);
    expect(again).toMatchObject({
      ndcg: first.ndcg,
      promptTokens: null,
      price: null,
      cached: 20,
      gain: first.gain,
    });
  });

  test('is estimated before anything is asked', () => {
    const chat = () => Promise.reject(new Error('asked'));
    const found = estimateRerank(TEST, { chat, rounds: 2, priceIn: 1, priceOut: 0 });
    expect(found.requests).toBe(2 * TEST.length);
    expect(found.promptTokens / found.requests).toBeGreaterThan(150);
    expect(found.price).toBeCloseTo(found.promptTokens / 1e6, 12);
    expect(estimateRerank(TEST, { chat, weight: 0 })).toEqual({
      ...{ requests: 0, promptTokens: 0, answerTokens: 0, price: null },
    });
  });
});

describe('no chat model takes anything away:', () => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await chatServer();
  });
  afterAll(() => server.close());

  test.each(Object.entries(HOSTILE))(
    'one that %s is given no weight, and our order stands',
    async (_, behave) => {
      server.behave = behave;
      const limits = { retries: 0, timeoutMs: 150, maxAnswerBytes: 2 ** 18, concurrency: 4 };
      const chat = httpChat({ url: server.url, model: 'm', ...limits });
      const { weight, changed, unchanged, users } = await calibrateReranker(VALID.slice(0, 24), {
        ...{ chat, deadlineMs: 100, rounds: 3 },
      });
      expect(weight).toBe(0);
      expect(changed + Object.values(unchanged).reduce((sum, count) => sum + count, 0)).toBe(users);
      const asked = server.requests.length;
      const measured = await evaluateReranker(TEST, { chat, weight });
      expect(measured.ndcg).toBe(measured.ownNdcg);
      expect(measured.gain).toEqual({ mean: 0, low: 0, high: 0 });
      expect(server.requests.length).toBe(asked);
    },
  );

  test('one that turns what we have upside down is given no weight', async () => {
    // It knows our order, which no real one does, and answers the same whatever the shuffle.
    const places = new Map(VALID.flatMap(({ candidates }) => candidates.map(({ title }, n) => [title, n])));
    const found = await calibrateReranker(VALID, { chat: chatOf((title) => places.get(title)!) });
    expect([found.weight, found.changed]).toEqual([0, VALID.length]);
  });

  test('those that rank by something of no worth are given a weight in at most as many cases as the level says', async () => {
    let accepted = 0;
    const draws = 120;
    for (let draw = 0; draw < draws; draw++) {
      const chat = chatOf((title) => hashed(title, `salt ${draw}`));
      const { weight } = await calibrateReranker(VALID.slice(0, 40), { chat, rounds: 1, level: 0.1 });
      if (weight > 0) accepted++;
    }
    // 120 draws at 0.1: 21 or more in one of a hundred.
    expect(accepted).toBeLessThan(21);
  }, 60_000);
});

test('a service that fails five people in a row is asked no more', async () => {
  let asked = 0;
  const chat = () => {
    asked++;
    return Promise.reject(new Error('down'));
  };
  const steps: number[] = [];
  const { unchanged, firstDetail } = await evaluateReranker(TEST, {
    ...{ chat, rounds: 1, onProgress: ({ done }: { done: number }) => steps.push(done) },
  });
  expect(asked).toBe(5);
  expect([unchanged, firstDetail]).toEqual([{ failure: TEST.length }, 'down']);
  expect(steps).toEqual(TEST.map((_, n) => n + 1));
});

test('the signal ends the work at once', async () => {
  const controller = new AbortController();
  const chat = () => new Promise<string>(() => {});
  setTimeout(() => controller.abort(new Error('enough')), 20);
  await expect(evaluateReranker(TEST, { chat, signal: controller.signal })).rejects.toThrow('enough');
});

test('people are asked about as many at a time as the chat model takes', async () => {
  let [running, most] = [0, 0];
  const answer = chatOf(byColour);
  const slow: ChatFunction = async (...given) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return answer(...given);
  };
  await evaluateReranker(TEST.slice(0, 12), { chat: toChat(slow, { concurrency: 3 }) });
  expect(most).toBe(3);
});

test('wrong arguments are refused', async () => {
  const chat = chatOf(byColour);
  await expect(evaluateReranker([], { chat })).rejects.toThrow(DataError);
  await expect(evaluateReranker([{ ...TEST[0], relevant: [] }], { chat })).rejects.toThrow(OptionError);
  await expect(calibrateReranker(VALID, { chat, weights: [0] })).rejects.toThrow(/weights/);
  await expect(calibrateReranker(VALID, { chat, weight: 1 } as never)).rejects.toThrow(OptionError);
});
