import { importTool } from './tools.ts';

/** What the tests use of playwright. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(expression: string): Promise<T>;
  locator(selector: string): {
    check(): Promise<void>;
    fill(text: string): Promise<void>;
    count(): Promise<number>;
    allTextContents(): Promise<string[]>;
  };
  close(): Promise<void>;
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export const CHROMIUM = '/usr/bin/chromium';

/** Chromium without a window and without connections of its own. */
export async function openBrowser(): Promise<Browser> {
  const { chromium } = await importTool<{ chromium: { launch(options: object): Promise<Browser> } }>(
    'playwright-core',
  );
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking'],
    timeout: 30_000,
  });
}
