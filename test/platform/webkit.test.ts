import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningChild, start } from './child.ts';
import { type HeaderSet, type Pages, servePages } from './pages.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn } from './tools.ts';

const DRIVER = '/usr/bin/WebKitWebDriver';
const MINI_BROWSERS = ['x86_64', 'aarch64'].flatMap((machine) =>
  ['4.1', '4.0'].map((version) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${version}/MiniBrowser`),
);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

describeOn('WebKit', [DRIVER, '/usr/bin/xvfb-run'], () => {
  let pages: Pages;
  let driver: RunningChild;
  let session: string;

  async function command<T>(url: string, body: object): Promise<T> {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
    if (value?.error) throw new Error(`${value.error}: ${value.message}\n${driver.printed().stderr}`);
    return value;
  }

  beforeAll(async () => {
    pages = await servePages(inject('consumer'));
    const port = await freePort();
    driver = start('xvfb-run', ['-a', DRIVER, `--port=${port}`, '--host=127.0.0.1'], {
      env: { LIBGL_ALWAYS_SOFTWARE: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1' },
      timeoutMs: 110_000,
    });
    const status = `http://127.0.0.1:${port}/status`;
    const ready = () =>
      fetch(status).then(
        ({ ok }) => ok,
        () => false,
      );
    for (let tries = 0; tries < 100 && !(await ready()); tries++)
      await new Promise((next) => setTimeout(next, 200));
    const { sessionId } = await command<{ sessionId: string }>(`http://127.0.0.1:${port}/session`, {
      capabilities: {
        alwaysMatch: {
          'webkitgtk:browserOptions': { binary: MINI_BROWSERS.find(existsSync), args: ['--automation'] },
        },
      },
    });
    session = `http://127.0.0.1:${port}/session/${sessionId}`;
    await command(`${session}/timeouts`, { script: 60_000 });
  });

  afterAll(async () => {
    if (session) await fetch(session, { method: 'DELETE' });
    driver?.stop();
    pages?.stop();
  });

  async function result(headers: HeaderSet, query = ''): Promise<string> {
    await command(`${session}/url`, { url: pages.url(headers, `browser/page.html${query}`) });
    const script = 'globalThis.result.then(arguments[0], (error) => arguments[0](String(error)))';
    return command<string>(`${session}/execute/async`, { script, args: [] });
  }

  it('gives the bytes of the reference in a page', async () => {
    expectReference(await result('plain'));
  });

  it('gives them in a Web Worker', async () => {
    expectReference(await result('plain', '?in=worker'));
  });

  it("gives them under the policy script-src 'self' 'wasm-unsafe-eval'", async () => {
    expectReference(await result('strict'));
  });

  it('computes with one thread even in a page that is cross-origin isolated, and says so', async () => {
    const text = await result('isolated', '?threads=2');
    expectReference(text);
    expect(JSON.parse(text).fallback).toMatch(/one thread: SharedArrayBuffer is not available/);
  });
});
