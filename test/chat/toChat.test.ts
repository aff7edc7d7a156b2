import { expect, test } from 'vitest';
import { cachedChat, memoryChatCache } from '../../src/chat/cache.ts';
import type { ChatRequest } from '../../src/chat/chat.ts';
import { type ChatLike, toChat } from '../../src/chat/toChat.ts';
import { DataError, OptionError } from '../../src/errors.ts';

const REQUEST: ChatRequest = {
  messages: [
    { role: 'system', content: 'Answer.' },
    { role: 'user', content: '{}' },
  ],
  schema: { type: 'object' },
  schemaName: 'answer',
};

test('a function gets messages, schema and signal', async () => {
  const { signal } = new AbortController();
  const seen: unknown[] = [];
  const chat = toChat((...given) => {
    seen.push(...given);
    return 'yes';
  });
  expect(await chat.ask(REQUEST, { signal })).toEqual({
    text: 'yes',
    promptTokens: null,
    answerTokens: null,
  });
  expect(seen).toEqual([REQUEST.messages, REQUEST.schema, { signal }]);
});

test.each([[undefined], [''], [7], [{ text: 'a' }]])('a function that gives %j has failed', async (given) => {
  await expect(toChat(() => given as string).ask(REQUEST)).rejects.toThrow(DataError);
});

test.each([
  ['v1', { text: 'yes', usage: { promptTokens: 5, completionTokens: 2 } }],
  [
    'v2',
    {
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'yes' },
      ],
      usage: { inputTokens: 5, outputTokens: 2 },
    },
  ],
  [
    'v3',
    {
      content: [{ type: 'text', text: 'yes' }],
      usage: { inputTokens: { total: 5 }, outputTokens: { total: 2 } },
    },
  ],
  [
    'v4',
    {
      content: [{ type: 'text', text: 'a draft' }],
      structuredOutputText: 'yes',
      usage: { inputTokens: { total: 5 }, outputTokens: { total: 2 } },
    },
  ],
])('a language model of the AI SDK %s answers', async (specificationVersion, answer) => {
  let seen: Record<string, unknown> = {};
  const model = {
    ...{ specificationVersion, provider: 'test', modelId: 'm' },
    async doGenerate(options: Record<string, unknown>) {
      seen = options;
      return answer;
    },
  };
  const chat = toChat(model as unknown as ChatLike);
  expect(chat.id).toBe('test: m');
  expect(await chat.ask(REQUEST)).toEqual({ text: 'yes', promptTokens: 5, answerTokens: 2 });
  expect(seen.prompt).toEqual([
    { role: 'system', content: 'Answer.' },
    { role: 'user', content: [{ type: 'text', text: '{}' }] },
  ]);
  const format = { schema: REQUEST.schema, name: 'answer' };
  if (specificationVersion === 'v1') expect(seen.mode).toEqual({ type: 'object-json', ...format });
  else expect(seen.responseFormat).toEqual({ type: 'json', ...format });
});

test.each([[null], [7], [{}], [{ doEmbed() {} }], ['gpt-5']])('%j is no chat model', (like) => {
  expect(() => toChat(like as never)).toThrow(OptionError);
});

test('a cache answers what was asked before, by id, messages and schema', async () => {
  let asked = 0;
  const cache = memoryChatCache();
  const named = (id: string) =>
    cachedChat(
      toChat(() => `${asked++}`, { id }),
      cache,
    );
  const isUsable = (text: string) => text !== '0';
  expect((await named('a').ask({ ...REQUEST, isUsable })).text).toBe('0');
  expect(await named('a').ask({ ...REQUEST, isUsable })).toMatchObject({ text: '1' });
  expect(await named('a').ask({ ...REQUEST, isUsable })).toMatchObject({ text: '1', cached: true });
  expect((await named('b').ask(REQUEST)).text).toBe('2');
  expect((await named('a').ask({ ...REQUEST, schema: {} })).text).toBe('3');
  expect((await named('a').ask({ ...REQUEST, messages: [] })).text).toBe('4');
  expect(() =>
    cachedChat(
      toChat(() => 'x'),
      cache,
    ),
  ).toThrow(/id/);
});
