import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Browser, CHROMIUM, openBrowser } from './browser.ts';
import { type HeaderSet, type Pages, servePages } from './pages.ts';
import { expectReference } from './scenarioResult.ts';
import { describeOn, toolPath } from './tools.ts';

describeOn('Chromium', [CHROMIUM, toolPath('playwright-core')], () => {
  let pages: Pages;
  let browser: Browser;

  beforeAll(async () => {
    pages = await servePages(inject('consumer'));
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    pages?.stop();
  });

  async function result(headers: HeaderSet, query = ''): Promise<string> {
    const page = await browser.newPage();
    try {
      await page.goto(pages.url(headers, `browser/page.html${query}`));
      return await page.evaluate<string>('globalThis.result');
    } finally {
      await page.close();
    }
  }

  it('gives the bytes of the reference in a page', async () => {
    expectReference(await result('plain'));
  });

  it('gives them in a Web Worker', async () => {
    expectReference(await result('plain', '?in=worker'));
  });

  it('gives them in a Service Worker', async () => {
    expectReference(await result('plain', '?in=service-worker'));
  });

  it("gives them under the policy script-src 'self' 'wasm-unsafe-eval'", async () => {
    expectReference(await result('strict'));
  });

  it('gives them with two threads in a page that is cross-origin isolated', async () => {
    expectReference(await result('isolated', '?threads=2'), 2);
  });

  it('gives them with two threads in a Web Worker of such a page', async () => {
    expectReference(await result('isolated', '?threads=2&in=worker'), 2);
  });

  it('computes with one thread in a page that is not isolated, and says so', async () => {
    const text = await result('plain', '?threads=2');
    expectReference(text);
    expect(JSON.parse(text).fallback).toMatch(/one thread: SharedArrayBuffer is not available/);
  });

  it('gives them with two threads under that policy with worker-src blob:', async () => {
    expectReference(await result('strictIsolatedBlob', '?threads=2'), 2);
  });

  it('computes with one thread under that policy without blob: workers, and says so', async () => {
    const text = await result('strictIsolated', '?threads=2');
    expectReference(text);
    expect(JSON.parse(text).fallback).toMatch(/one thread: the page may not start workers/);
  });

  it('keeps vectors in the file system of the page and in CacheStorage, and embeds what was damaged there anew', async () => {
    const once = { embedded: [40, 0, 1], isSame: true };
    expect(JSON.parse(await result('plain', '?in=caches'))).toEqual({ opfs: once, cacheStorage: once });
  });

  it('says what to do under a policy that forbids WebAssembly', async () => {
    expect(JSON.parse(await result('forbidden')).error).toMatch(
      /^UnsupportedError: .*Content Security Policy.*add 'wasm-unsafe-eval'/s,
    );
  });
});
