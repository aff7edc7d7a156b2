import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TinyModels, writeTinyModels } from '../embed/tinyModel.ts';
import { BROWSERS, type DrivenBrowser, type DrivenPage, openDriven } from './pageDriver.ts';
import { type Pages, servePages } from './pages.ts';
import { describeOn, toolPath } from './tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'examples/playground/dist');
const AXE = toolPath('axe-core/axe.min.js');
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
const PATIENCE = { timeout: 60_000 };

const needed = [...Object.values(BROWSERS), toolPath('puppeteer-core'), AXE];

describeOn('examples/playground', needed, () => {
  let pages: Pages;
  let models: TinyModels;

  beforeAll(async () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/playground.mjs', '--build'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    models = writeTinyModels({ tiny: 'bert' });
    cpSync(models.folder, join(dist, 'models'), { recursive: true });
    pages = await servePages(dist);
  }, 240_000);

  afterAll(() => {
    pages?.stop();
    models?.remove();
  });

  for (const [name, size, kind] of [
    ['Chromium', DESKTOP, 'a desk'],
    ['Firefox', PHONE, 'a phone'],
  ] as const) {
    it(`leads from data to a model in ${name} on ${kind}`, { timeout: 180_000 }, async () => {
      const browser = await openDriven(name);
      try {
        await journey(await opened(browser, pages.url('isolated', 'index.html'), size));
      } finally {
        await browser.close();
      }
    });
  }

  it('encodes texts with a model in the tab', { timeout: 120_000 }, async () => {
    const browser = await openDriven('Chromium');
    try {
      const page = await opened(browser, pages.url('isolated', 'index.html'), DESKTOP);
      await uploadBooks(page);
      await page.waitForSelector('canvas', PATIENCE);
      await page.evaluate(
        "for (const details of document.querySelectorAll('.sources details')) details.open = true",
      );
      await page.locator('.sources label:nth-of-type(1) input:not([type=file])').fill('tiny');
      await page.locator('.sources input[placeholder="models/"]').fill('models/');
      await clickButton(page, 'Encode the texts');
      await page.waitForFunction('/tiny.*[+] lexical/.test(document.body.innerText)', PATIENCE);
    } finally {
      await browser.close();
    }
  });

  it('goes on after a reload, and works offline', { timeout: 180_000 }, async () => {
    const browser = await openDriven('Chromium');
    try {
      const page = await opened(browser, pages.url('isolated', 'index.html'), PHONE);
      await clickButton(page, 'Use an invented shop');
      await page.waitForSelector('canvas', PATIENCE);
      await train(page, ['xavier', 'variance', 'graph-pca']);
      // One has ended and the next is under way.
      await page.waitForSelector('caption + thead + tbody tr', PATIENCE);
      await page.reload();
      await clickButton(page, 'Go on with it');
      await page.waitForSelector('caption + thead + tbody tr:nth-child(3)', PATIENCE);

      // The second visit has kept the page.
      await page.waitForFunction('navigator.serviceWorker.controller !== null', PATIENCE);
      await page.reload();
      await page.waitForSelector('h1');
      pages.stop();
      await page.reload();
      await clickButton(page, 'Use an invented shop');
      await page.waitForSelector('canvas', PATIENCE);
    } finally {
      await browser.close();
      pages = await servePages(dist);
    }
  });

  it('says what is wrong with files that hold nothing to recommend, and takes columns by hand', {
    timeout: 120_000,
  }, async () => {
    const browser = await openDriven('Chromium');
    try {
      const page = await opened(browser, pages.url('isolated', 'index.html'), DESKTOP);
      const field = await page.$('input[type=file]');
      await field!.uploadFile(join(root, 'package.json'));
      await page.waitForSelector('[role=alert]', PATIENCE);
      expect(await page.$eval('[role=alert]', (element) => element.textContent)).toContain('package.json');

      await uploadBooks(page);
      await page.waitForSelector('canvas', PATIENCE);
      expect(await figures(page)).toEqual(['48', '24', '230']);
      await page.evaluate("document.querySelector('details:has(.columns)').open = true");
      await page.locator('input[name=userColumn]').fill('item_id');
      await page.locator('input[name=itemColumn]').fill('user_id');
      await clickButton(page, 'Read again');
      await page.waitForFunction("document.querySelector('.figures dd')?.textContent === '24'", PATIENCE);
    } finally {
      await browser.close();
    }
  });
});

async function opened(
  browser: DrivenBrowser,
  url: string,
  size: { width: number; height: number },
): Promise<DrivenPage> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.setViewport(size);
  await page.goto(url);
  return page;
}

/** What a person does who has ten minutes, and what he or she sees. */
async function journey(page: DrivenPage): Promise<void> {
  await clickButton(page, 'Use an invented shop');
  await page.waitForSelector('canvas', PATIENCE);
  expect(await figures(page)).toHaveLength(3);
  expect(await page.$eval('.report', (element) => element.textContent)).toContain('comma-separated');
  expect(await page.evaluate('document.body.innerText')).toContain('These data are invented');
  await page.locator('[aria-labelledby=vectors] input[type=search]').fill('desk');
  await page.waitForFunction('/\\d+ found/.test(document.body.innerText)', PATIENCE);

  await train(page, ['xavier', 'l3ae', 'auto']);
  await page.waitForFunction("document.querySelectorAll('.curves').length === 2", PATIENCE);
  await page.waitForSelector('table tbody tr:nth-child(1)', PATIENCE);
  await clickButton(page, 'Pause');
  await clickButton(page, 'Go on');
  await page.waitForFunction(
    "document.querySelectorAll('caption + thead + tbody tr').length === 3",
    PATIENCE,
  );
  const rows = await page.$$eval('caption + thead + tbody tr', (lines) =>
    lines.map((line) => line.textContent!),
  );
  expect(rows.filter((row) => /[+−]\d+\.\d %/.test(row))).toHaveLength(2);
  expect(rows[0]).toMatch(/\d+ → \d+ of 64/);

  const list = () =>
    page.$$eval('.recommended li', (lines) => lines.map((line) => line.firstChild!.textContent!.trim()));
  const popular = await list();
  await page.locator('.choices input').click();
  await page.waitForFunction(
    "document.querySelector('.recommended').innerText.includes('because of')",
    PATIENCE,
  );
  expect(await list()).not.toEqual(popular);
  expect(await page.evaluate('document.body.innerText')).toMatch(/Exact over 900 items in \d+\.\d ms/);
  await page.evaluate(`{
    const select = document.querySelector('.halves select');
    select.value = 'Birchway';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }`);
  await page.waitForFunction(
    "[...document.querySelectorAll('.recommended li')].every((item) => item.innerText.startsWith('Birchway'))",
    PATIENCE,
  );
  expect(await list()).toHaveLength(10);
  await page.evaluate(`{
    const select = document.querySelector('.halves select');
    select.value = '';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }`);
  await page.locator('input[name=title]').fill('ceramic coffee grinder with a filter');
  await clickButton(page, 'Add it');
  await page.locator('.recommended').click();
  await page.locator('.halves > div:nth-child(2) input[type=search]').fill('coffee grinder filter');
  await page.waitForSelector('.badge', PATIENCE);

  await page.locator('input[aria-label="Use xavier"]').click();
  expect(await saved(page, 'Small: int8')).toBeGreaterThan(10_000);
  expect(await saved(page, 'Recommendations for everyone')).toBeGreaterThan(100_000);
  expect(await page.$eval('pre', (element) => element.textContent)).toContain('.safetensors');

  expect(
    await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
  ).toBeLessThanOrEqual(0);
  expect(await layoutShift(page)).toBeLessThan(0.1);
  await page.evaluate(readFileSync(AXE, 'utf8'));
  expect(await violations(page)).toEqual([]);
}

async function uploadBooks(page: DrivenPage): Promise<void> {
  const files = ['loans.csv', 'books.csv'].map((name) => join(root, 'examples/data', name));
  await (await page.$('input[type=file]'))!.uploadFile(...files);
}

/** Trains these and no others. */
async function train(page: DrivenPage, wanted: readonly string[]): Promise<void> {
  await page.evaluate(`for (const label of document.querySelectorAll('fieldset label:has([type=checkbox])')) {
    const box = label.querySelector('input');
    const name = label.querySelector('strong').textContent;
    if (box.checked !== ${JSON.stringify(wanted)}.includes(name)) box.click();
  }`);
  await clickButton(page, 'Train in this tab');
}

async function clickButton(page: DrivenPage, name: string): Promise<void> {
  const found = `[...document.querySelectorAll('button')].find((button) => button.textContent.includes(${JSON.stringify(name)}) && !button.disabled)`;
  await page.waitForFunction(found, PATIENCE);
  await page.evaluate(`${found}.click()`);
}

function figures(page: DrivenPage): Promise<string[]> {
  return page.$$eval('.figures dd', (elements) => elements.map((element) => element.textContent!));
}

/** Bytes of the file that a button gives. */
async function saved(page: DrivenPage, button: string): Promise<number> {
  await page.evaluate(`globalThis.savedBytes = 0;
    URL.createObjectURL = (blob) => ((globalThis.savedBytes = blob.size), 'data:,');`);
  await clickButton(page, button);
  await page.waitForFunction('globalThis.savedBytes > 0', PATIENCE);
  return page.evaluate('globalThis.savedBytes');
}

/** The cumulative layout shift, of which 0.1 is called good; 0 where the browser does not tell. */
function layoutShift(page: DrivenPage): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    if (!PerformanceObserver.supportedEntryTypes.includes('layout-shift')) return resolve(0);
    new PerformanceObserver((list) => {
      resolve(list.getEntries().reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0));
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(0), 1000);
  })`);
}

/** What axe-core finds, with the elements. */
function violations(page: DrivenPage): Promise<string[]> {
  return page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)].join(' ')))",
  );
}
