import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject, it } from 'vitest';
import { type RunningChild, start } from './child.ts';
import { type HeaderSet, type Pages, servePages } from './pages.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

const PROGRAM = '/usr/bin/firefox-esr';

type Socket = Pick<WebSocket, 'send' | 'close' | 'addEventListener'>;

/** A connection in the WebDriver BiDi protocol. */
class BiDi {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #id = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, error, message, result } = JSON.parse(String(data));
      const waiting = this.#waiting.get(id);
      if (error) waiting?.reject(new Error(`${error}: ${message}`));
      else waiting?.resolve(result);
    });
  }

  send<T>(method: string, params: object): Promise<T> {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as T), reject });
    });
  }

  close(): void {
    this.#socket.close();
  }
}

async function connect(address: string): Promise<BiDi> {
  const { WebSocket } = await importTool<{ WebSocket: new (url: string) => Socket }>('ws');
  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`no connection to ${address}`)));
  });
  return new BiDi(socket);
}

describeOn('Firefox', [PROGRAM, toolPath('ws')], () => {
  const profile = mkdtempSync(join(tmpdir(), 'llminit-firefox-'));
  let pages: Pages;
  let program: RunningChild;
  let firefox: BiDi;
  let context: string;

  beforeAll(async () => {
    pages = await servePages(inject('consumer'));
    // No connections of its own: updates, telemetry, captive portal, recommended settings.
    const off = [
      'app.update.enabled',
      'network.captive-portal-service.enabled',
      'browser.safebrowsing.downloads.enabled',
    ];
    const preferences = off.map((name) => `user_pref("${name}", false);`);
    writeFileSync(
      join(profile, 'user.js'),
      [...preferences, 'user_pref("remote.active-protocols", 1);'].join('\n'),
    );
    program = start(
      PROGRAM,
      ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile],
      {
        env: { HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
        timeoutMs: 110_000,
      },
    );
    const [, address] = await program.until(/WebDriver BiDi listening on (ws:\/\/\S+)/);
    firefox = await connect(`${address}/session`);
    await firefox.send('session.new', { capabilities: {} });
    const tree = await firefox.send<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
    context = tree.contexts[0].context;
  });

  afterAll(() => {
    firefox?.close();
    program?.stop();
    pages?.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  async function result(headers: HeaderSet, query = ''): Promise<string> {
    const url = pages.url(headers, `browser/page.html${query}`);
    await firefox.send('browsingContext.navigate', { context, url, wait: 'complete' });
    const answer = await firefox.send<{ result: { value: string } }>('script.evaluate', {
      expression: 'globalThis.result',
      target: { context },
      awaitPromise: true,
    });
    return answer.result.value;
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

  it('gives them with two threads in a page that is cross-origin isolated', async () => {
    expectReference(await result('isolated', '?threads=2'), 2);
  });
});
