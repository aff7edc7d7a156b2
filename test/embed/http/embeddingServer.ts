import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request to the server held. */
export interface ReceivedRequest {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: { readonly model: string; readonly input: string[]; readonly [name: string]: unknown };
}

export type Answer = (request: ReceivedRequest, response: ServerResponse, raw: IncomingMessage) => unknown;

/** A server with OpenAI's interface for embeddings that answers as it is told, on a port of its own. */
export interface EmbeddingServer {
  /** The address up to, without, `/embeddings`. */
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Answers the next requests; at first `answerVectors`. */
  answer: Answer;
  close(): Promise<void>;
}

export async function embeddingServer(): Promise<EmbeddingServer> {
  const http = createServer(async (raw, response) => {
    let text = '';
    for await (const chunk of raw) text += chunk;
    const request = {
      url: raw.url ?? '',
      authorization: raw.headers.authorization,
      body: text === '' ? { model: '', input: [] } : JSON.parse(text),
    };
    server.requests.push(request);
    await server.answer(request, response, raw);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server: EmbeddingServer = {
    url: `http://127.0.0.1:${port}/v1`,
    requests: [],
    answer: answerVectors,
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
  return server;
}

/** A vector of four numbers that depends on the text alone. */
export function vectorOf(text: string): number[] {
  const codes = Array.from(text, (letter) => letter.codePointAt(0)!);
  const sum = codes.reduce((total, code, n) => (total * 31 + code * (n + 1)) % 9973, 7);
  return [text.length, sum / 9973, (codes[0] ?? 0) / 128, 1];
}

/** Answers as OpenAI does. */
export const answerVectors: Answer = ({ body }, response) => {
  const data = body.input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
  sendJson(response, 200, {
    object: 'list',
    model: body.model,
    data,
    usage: { prompt_tokens: 3, total_tokens: 3 },
  });
};

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
