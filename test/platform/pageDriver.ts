import { importTool } from './tools.ts';

/** What the tests use of puppeteer, which drives Chromium and Firefox alike. */
export interface DrivenPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  setViewport(size: { width: number; height: number }): Promise<void>;
  waitForSelector(selector: string, options?: { timeout: number }): Promise<unknown>;
  waitForFunction(expression: string, options?: { timeout: number }): Promise<unknown>;
  $eval<T>(selector: string, read: (element: Element) => T): Promise<T>;
  $$eval<T>(selector: string, read: (elements: Element[]) => T): Promise<T>;
  $(selector: string): Promise<{ uploadFile(...paths: string[]): Promise<void> } | null>;
  evaluate<T>(expression: string): Promise<T>;
  locator(selector: string): { click(): Promise<void>; fill(text: string): Promise<void> };
  on(event: 'pageerror', heard: (error: Error) => void): void;
  close(): Promise<void>;
}

export interface DrivenBrowser {
  newPage(): Promise<DrivenPage>;
  close(): Promise<void>;
}

interface Puppeteer {
  launch(options: object): Promise<DrivenBrowser>;
}

export const BROWSERS = { Chromium: '/usr/bin/chromium', Firefox: '/usr/bin/firefox-esr' } as const;

/** A browser without a window. */
export async function openDriven(name: keyof typeof BROWSERS): Promise<DrivenBrowser> {
  const { default: puppeteer } = await importTool<{ default: Puppeteer }>('puppeteer-core');
  const executablePath = BROWSERS[name];
  return name === 'Chromium'
    ? puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    : puppeteer.launch({ executablePath, browser: 'firefox' });
}
