import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChatRequest } from '../../src/chat/chat.ts';
import { httpChat } from '../../src/chat/httpChat.ts';
import type { HttpChatOptions } from '../../src/chat/httpOptions.ts';
import { DataError, FormatError, OptionError } from '../../src/errors.ts';
import { sendJson } from '../embed/http/embeddingServer.ts';
import { type ChatServer, chatServer, reply, says } from './chatServer.ts';

let server: ChatServer;
beforeEach(async () => {
  server = await chatServer(says('{"a":1}'));
});
afterEach(() => server.close());

const REQUEST: ChatRequest = {
  messages: [
    { role: 'system', content: 'Answer.' },
    { role: 'user', content: '{}' },
  ],
  schema: { type: 'object' },
  schemaName: 'answer',
};
const chat = (options: Partial<HttpChatOptions> = {}) =>
  httpChat({ url: server.url, model: 'm', retries: 0, ...options });

describe('a request', () => {
  test('holds messages, model, schema and key, and its answer text and tokens', async () => {
    const answer = await chat({ apiKey: 'secret-key', maxTokens: 50 }).ask(REQUEST);
    expect(answer).toEqual({ text: '{"a":1}', promptTokens: 3, answerTokens: 2 });
    const [{ url, authorization, body }] = server.requests;
    expect([url, authorization]).toEqual(['/v1/chat/completions', 'Bearer secret-key']);
    expect(body).toEqual({
      model: 'm',
      messages: REQUEST.messages,
      temperature: 0,
      max_tokens: 50,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', strict: true, schema: { type: 'object' } },
      },
    });
  });

  test('goes to an address with or without the operation, with its query', async () => {
    for (const url of [`${server.url}/?v=1`, `${server.url}/chat/completions?v=1`])
      await chat({ url }).ask(REQUEST);
    expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill('/v1/chat/completions?v=1'));
  });

  test('leaves out what the service refuses, once for all', async () => {
    server.behave = (request, response) => {
      const { response_format: format, temperature, max_tokens: limit } = request.body;
      const refuse = (message: string) => sendJson(response, 400, { error: { message } });
      if (format?.type === 'json_schema')
        return refuse("'response_format' of type json_schema is not supported");
      if (temperature !== undefined) return refuse("Unsupported value: 'temperature' does not support 0");
      if (limit !== undefined)
        return refuse("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'");
      return reply(response, request, 'yes');
    };
    const asked = chat({ maxTokens: 9 });
    expect((await asked.ask(REQUEST)).text).toBe('yes');
    expect(server.requests.length).toBe(4);
    await asked.ask(REQUEST);
    const { messages, ...last } = server.requests[4].body;
    expect(last).toEqual({ model: 'm', response_format: { type: 'json_object' }, max_completion_tokens: 9 });
    expect(server.requests.length).toBe(5);
  });

  test('keeps to a structure that was asked for', async () => {
    server.behave = (_, response) => sendJson(response, 400, { error: { message: 'no response_format' } });
    await expect(chat({ structure: 'json_schema' }).ask(REQUEST)).rejects.toThrow(/status 400: "no response/);
    expect(server.requests.length).toBe(1);
  });

  test('is sent again after Retry-After', async () => {
    const good = server.behave;
    server.behave = (_, response) => {
      server.behave = good;
      sendJson(response, 429, {}, { 'retry-after': '0.1' });
    };
    const asked = chat({ retries: 1 });
    const began = performance.now();
    expect((await asked.ask(REQUEST)).text).toBe('{"a":1}');
    expect(performance.now() - began).toBeGreaterThan(90);
    expect(asked.counts).toEqual({ requests: 2, retries: 1 });
  });

  test('ends at once when it is aborted', async () => {
    server.behave = () => {};
    const controller = new AbortController();
    const asked = chat().ask(REQUEST, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(asked).rejects.toThrow('enough');
  });
});

describe('an answer', () => {
  test.each<[string, unknown, RegExp]>([
    ['without choices', { ok: true }, /choices.*received "\{/s],
    ['without a text', { choices: [{ message: { content: null } }] }, /choices\[0\]\.message\.content/],
    [
      'that refuses',
      { choices: [{ message: { content: null, refusal: 'I cannot' } }] },
      /refusal: "I cannot"/,
    ],
  ])('%s is refused', async (_, body, message) => {
    server.behave = (__, response) => sendJson(response, 200, body);
    const asked = chat().ask(REQUEST);
    await expect(asked).rejects.toThrow(FormatError);
    await expect(asked).rejects.toThrow(message);
  });

  test('in parts is put together; counts that are none are unknown', async () => {
    const content = [{ type: 'text', text: 'a' }, { type: 'image' }, { type: 'text', text: 'b' }];
    server.behave = (_, response) =>
      sendJson(response, 200, { choices: [{ message: { content } }], usage: { prompt_tokens: 'many' } });
    expect(await chat().ask(REQUEST)).toEqual({ text: 'ab', promptTokens: null, answerTokens: null });
  });

  test('that is too long is left', async () => {
    server.behave = says('x'.repeat(5000));
    await expect(chat({ maxAnswerBytes: 1000 }).ask(REQUEST)).rejects.toThrow(/at most 1000 bytes/);
  });

  test('never shows the key, whatever the service echoes', async () => {
    const apiKey = 'sk-Proj_9fQ2xWb7-LmN4';
    for (const status of [200, 400, 401, 500]) {
      server.behave = ({ authorization }, response) =>
        sendJson(response, status, { error: { message: `bad ${authorization}` } });
      const error = await chat({ apiKey }).ask(REQUEST).catch(String);
      expect(error).not.toContain('9fQ2xWb7');
      expect(error).toContain('[hidden]');
    }
  });
});

test('wrong options are refused by name', () => {
  expect(() => chat({ url: 'ftp://user:hunter22@host' })).toThrow(OptionError);
  expect(() => chat({ url: 'ftp://user:hunter22@host' })).not.toThrow(/hunter22/);
  expect(() => chat({ temperature: 3 })).toThrow(/temperature/);
  expect(() => chat({ structure: 'xml' as never })).toThrow(/structure/);
});

test('an address where nothing answers is named', async () => {
  await expect(chat({ url: 'http://127.0.0.1:1/v1' }).ask(REQUEST)).rejects.toThrow(DataError);
});

test('the id names what decides an answer, and no secret', () => {
  const url = server.url.replace('//', '//me:hunter22@');
  expect(chat({ url, apiKey: 'secret-key', seed: 3 }).id).toBe(
    `${server.url}/chat/completions, m, temperature 0, seed 3`,
  );
});
