import { checkArgument, FUNCTION, having } from '../options/arguments.ts';
import type { Handler } from '../serve/http/handler.ts';

/**
 * What is read of a request of `node:http`; an interface of its own, so that no types of Node have to be installed.
 *
 * @example
 * import type { IncomingMessage } from 'node:http';
 *
 * const pathOf = (request: ListenedRequest) => request.url;
 * const asIncoming = (request: IncomingMessage) => pathOf(request);
 */
export interface ListenedRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly complete: boolean;
}

/**
 * What is called of a response of `node:http`.
 *
 * @example
 * import type { ServerResponse } from 'node:http';
 *
 * const end = (response: ListenedResponse) => response.end('');
 * const asServer = (response: ServerResponse) => end(response);
 */
export interface ListenedResponse {
  writeHead(status: number, headers: Readonly<Record<string, string | number | undefined>>): unknown;
  end(body?: string | Uint8Array): unknown;
  destroy(error?: Error): unknown;
}

const HANDLER = having<Pick<Handler, 'answer'>>(
  'a handler',
  { answer: FUNCTION },
  'Pass what createHandler gives',
);

/**
 * A listener for `http.createServer` that answers with a handler, without making `Request` and `Response` objects.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * const server = createServer(httpListener(createHandler(recommender)));
 * server.listen(8080);
 */
export function httpListener(
  handler: Pick<Handler, 'answer'>,
): (request: ListenedRequest, response: ListenedResponse) => void {
  checkArgument(HANDLER, handler, 'handler', 'httpListener');
  return (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const header = (name: string) => {
      const value = headers[name];
      return value === undefined ? null : String(value);
    };
    handler
      .answer({ method, url, header, body: method === 'GET' || method === 'HEAD' ? null : request })
      .then(({ status, headers: own, body }) => {
        // What is left of a refused body is not read: the connection cannot be used again.
        const close =
          request.complete || method === 'GET' || method === 'HEAD' ? {} : { connection: 'close' };
        const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
        response.writeHead(status, { ...own, ...length, ...close });
        response.end(body ?? undefined);
      })
      .catch((error) => response.destroy(error as Error));
  };
}
