import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
};

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** The headers of a page, by the first part of its path. */
const HEADERS = {
  plain: {},
  isolated: ISOLATED,
  strict: { 'Content-Security-Policy': STRICT },
  strictIsolated: { ...ISOLATED, 'Content-Security-Policy': STRICT },
  strictIsolatedBlob: { ...ISOLATED, 'Content-Security-Policy': `${STRICT}; worker-src 'self' blob:` },
  forbidden: { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" },
} as const;

export type HeaderSet = keyof typeof HEADERS;

/** A server of one folder on the loopback. */
export interface Pages {
  /** Of a page by its path in the folder, with one of the sets of headers. */
  url(headers: HeaderSet, page: string): string;
  stop(): void;
}

export async function servePages(folder: string): Promise<Pages> {
  const server = createServer((request, response) => {
    const [, kind, ...path] = decodeURI(new URL(request.url ?? '/', 'http://127.0.0.1').pathname).split('/');
    const file = join(folder, ...path.filter((part) => part !== '..'));
    readFile(file).then(
      (bytes) => {
        response.writeHead(200, {
          'Content-Length': bytes.length,
          'Content-Type': TYPES[extname(file)] ?? 'text/plain',
          ...HEADERS[kind as HeaderSet],
        });
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (headers, page) => `http://127.0.0.1:${port}/${headers}/${page}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
