import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendJson } from '../embed/http/embeddingServer.ts';

/** What a request to the server held. */
export interface ChatRequestSeen {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: { readonly role: string; readonly content: string }[];
    readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: object } };
    readonly [name: string]: unknown;
  };
  /** The JSON object in the last message. */
  readonly data: {
    readonly history?: string[];
    readonly candidates?: { readonly number: number; readonly title: string }[];
    readonly [name: string]: unknown;
  };
}

export type ChatBehaviour = (
  request: ChatRequestSeen,
  response: ServerResponse,
  raw: IncomingMessage,
) => unknown;

/** A server with OpenAI's interface for chat completions that behaves as it is told, on a port of its own. */
export interface ChatServer {
  /** The address up to, without, `/chat/completions`. */
  readonly url: string;
  readonly requests: ChatRequestSeen[];
  behave: ChatBehaviour;
  close(): Promise<void>;
}

export async function chatServer(behave: ChatBehaviour = says('{}')): Promise<ChatServer> {
  const http = createServer(async (raw, response) => {
    let text = '';
    for await (const chunk of raw) text += chunk;
    const body = text === '' ? { model: '', messages: [] } : JSON.parse(text);
    const last = body.messages.at(-1)?.content ?? '{}';
    const data = last.startsWith('{') ? JSON.parse(last) : {};
    const request = { url: raw.url ?? '', authorization: raw.headers.authorization, body, data };
    server.requests.push(request);
    await server.behave(request, response, raw);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server: ChatServer = {
    url: `http://127.0.0.1:${port}/v1`,
    requests: [],
    behave,
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
  return server;
}

/** Answers with a text. Tokens are those of a simple count: four letters each. */
export function reply(response: ServerResponse, request: ChatRequestSeen, content: unknown): void {
  const asked = request.body.messages.reduce((sum, message) => sum + message.content.length, 0);
  const said = typeof content === 'string' ? content.length : 0;
  sendJson(response, 200, {
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: Math.ceil(asked / 4), completion_tokens: Math.ceil(said / 4) },
  });
}

/** Always the same text. */
export function says(content: unknown): ChatBehaviour {
  return (request, response) => reply(response, request, content);
}

/** A higher number stands first. */
export type HiddenRule = (title: string, history: readonly string[]) => number;

/** The numbers of the candidates by a hidden rule. */
export function ranking({ data }: ChatRequestSeen, rule: HiddenRule): number[] {
  const history = data.history ?? [];
  const scored = (data.candidates ?? []).map(({ number, title }) => ({
    number,
    score: rule(title, history),
  }));
  return scored.sort((a, b) => b.score - a.score).map(({ number }) => number);
}

/** Answers with what is made of the right order. */
export function ranks(
  rule: HiddenRule,
  change: (numbers: number[], count: number, request: ChatRequestSeen) => unknown = (numbers) => ({
    ranking: numbers,
  }),
): ChatBehaviour {
  return (request, response) => {
    const numbers = ranking(request, rule);
    const content = change(numbers, numbers.length, request);
    reply(response, request, typeof content === 'string' ? content : JSON.stringify(content));
  };
}

/** A number in [0, 1) that depends on a text and a salt alone. */
export function hashed(text: string, salt = ''): number {
  let hash = 2166136261;
  for (const letter of salt + text) hash = Math.imul(hash ^ letter.codePointAt(0)!, 16777619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

const byHash: HiddenRule = (title) => hashed(title);

/**
 * Servers that do harm, or that fail, by name. None of them knows what is right. Those that fail do so for good: who asks
 * should not ask again.
 */
export const HOSTILE: Readonly<Record<string, ChatBehaviour>> = {
  'ranks at random': (request, response) =>
    ranks((title) => hashed(title, JSON.stringify(request.data)))(request, response, {} as IncomingMessage),
  'ranks by the places in the prompt': ranks(() => 0),
  'ranks by something else that is always the same': ranks(byHash),
  invents: ranks(byHash, (_, count) => ({ ranking: Array.from({ length: count }, (_, n) => 1000 + n) })),
  'repeats one': ranks(byHash, ([first], count) => ({ ranking: Array(count).fill(first) })),
  'names one alone': ranks(byHash, ([first]) => ({ ranking: [first] })),
  'answers with prose': says('I would recommend the 3 best of these 20, beginning with number 7, in 2024.'),
  'answers with nothing': says(''),
  'answers with null': says(null),
  'answers with JSON of another form': says('{"answer": {"ranking": "3, 2, 1"}}'),
  'answers with a page': (_, response) => response.end('<html>busy</html>'),
  'answers without choices': (_, response) => sendJson(response, 200, { error: null }),
  refuses: (_, response) => sendJson(response, 401, { error: { message: 'no such key' } }),
  fails: (_, response) => sendJson(response, 500, { error: { message: 'out of memory' } }),
  'limits the rate': (_, response) => sendJson(response, 429, {}, { 'retry-after': '600' }),
  hangs: () => {},
  'cuts the connection': (_, response) => response.socket?.destroy(),
  'cuts the answer': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"choices":[{"message":{"content":"{\\"ranking\\":[');
    setTimeout(() => response.socket?.destroy(), 5);
  },
  drips: (_, response) => {
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  },
  floods: (_, response) => {
    response.writeHead(200);
    const chunk = '['.repeat(2 ** 16);
    const timer = setInterval(() => response.write(chunk), 1);
    response.on('close', () => clearInterval(timer));
  },
  'redirects to another host': (_, response) =>
    response.writeHead(307, { location: 'http://127.0.0.2:1/v1/chat/completions' }).end(),
};
