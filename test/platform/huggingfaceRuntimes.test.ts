import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { embedInBatches } from '../../src/embed/batches.ts';
import { imageEmbedder } from '../../src/embed/images/imageEmbedder.ts';
import type { VisionModule } from '../../src/embed/images/options.ts';
import type { TransformersModule } from '../../src/embed/transformers/load.ts';
import { transformersEmbedder } from '../../src/embed/transformers/transformersEmbedder.ts';
import { dataUrl, png } from '../embed/images/pictures.ts';
import { type TinyModels, writeTinyModels } from '../embed/tinyModel.ts';
import { difference } from '../embed/transformers/direct.ts';
import { CHROMIUM, openBrowser } from './browser.ts';
import { output } from './child.ts';
import { servePages } from './pages.ts';
import { describeOn, importTool, toolPath } from './tools.ts';

const PACKAGE = '@huggingface/transformers';
const MPNET = 'Xenova/all-mpnet-base-v2';
const TEXTS = ['Black ink pen', 'A much longer text about red paper and blue films of 1999', 'Ärmel 靴'];
const DENO = toolPath('deno/deno');
const BUN = toolPath('bun/bin/bun.exe');

describeOn(`${PACKAGE} where JavaScript runs`, [toolPath(PACKAGE)], () => {
  let models: TinyModels;
  let folder: string;
  let inNode: { texts: Float32Array; images: Float32Array };
  const pictures = [png(40, 30, [200, 10, 10]), png(30, 40, [10, 10, 200])].map(dataUrl);
  beforeAll(async () => {
    models = writeTinyModels({ [MPNET]: 'mpnet', clip: 'clip-vision' });
    folder = mkdtempSync(join(tmpdir(), 'llminit-encoders-'));
    const module = await importTool<TransformersModule & VisionModule>(PACKAGE);
    const options = { modelFolder: models.folder, module };
    const texts = await embedInBatches(TEXTS, transformersEmbedder({ ...options, model: MPNET }));
    const images = await embedInBatches(pictures, imageEmbedder({ ...options, model: 'clip' }));
    inNode = { texts: texts.vectors, images: images.vectors };
  });
  afterAll(() => {
    models.remove();
    rmSync(folder, { recursive: true });
  });

  /** The vectors that a program prints which runs where the package is installed. */
  async function printed(program: string, ...args: string[]): Promise<number[]> {
    const cwd = mkdtempSync(join(folder, 'app-'));
    symlinkSync(toolPath(''), join(cwd, 'node_modules'));
    writeFileSync(join(cwd, 'package.json'), `{"type":"module","dependencies":{"${PACKAGE}":"*"}}`);
    copyFileSync(join(inject('consumer'), 'encoder.mjs'), join(cwd, 'encoder.mjs'));
    const embedders = pathToFileURL(join(inject('consumer'), 'node_modules/llminit/dist/embedders.js')).href;
    const call = [...args, 'encoder.mjs', embedders, models.folder, JSON.stringify(TEXTS)];
    return JSON.parse(await output(program, call, { cwd }));
  }

  describeOn('Deno', [DENO], () => {
    it('gives the vectors that it gives in Node', async () => {
      const args = ['run', '-A', '--cached-only', '--no-remote', '--node-modules-dir=manual'];
      expect(difference(await printed(DENO, ...args), inNode.texts)).toBeLessThan(1e-5);
    });
  });

  describeOn('Bun', [BUN], () => {
    it('gives the vectors that it gives in Node', async () => {
      expect(difference(await printed(BUN), inNode.texts)).toBeLessThan(1e-5);
    });
  });

  describeOn('a page of Chromium', [CHROMIUM, toolPath('playwright-core')], () => {
    it('gives the vectors of texts and images that it gives in Node', async () => {
      symlinkSync(models.folder, join(folder, 'models'));
      for (const name of ['browser', 'node_modules'])
        symlinkSync(join(inject('consumer'), name), join(folder, name));
      symlinkSync(toolPath(`${PACKAGE}/dist`), join(folder, 'huggingface'));
      symlinkSync(toolPath('onnxruntime-web/dist'), join(folder, 'onnxruntime'));
      const pages = await servePages(folder);
      const browser = await openBrowser();
      try {
        const page = await browser.newPage();
        await page.goto(pages.url('plain', 'browser/page.html?in=none'));
        const given = `${JSON.stringify(TEXTS)}, ${JSON.stringify(pictures)}`;
        const call = `import('./encoder.mjs').then(({ encode }) => encode(${given}))`;
        const found = JSON.parse(await page.evaluate<string>(call));
        expect(difference(found.texts, inNode.texts)).toBeLessThan(1e-4);
        // Browsers decode and shrink pictures in their own ways.
        const dots = inNode.images.map((value, k) => value * found.images[k]);
        const total = dots.reduce((sum, value) => sum + value, 0);
        expect(total / pictures.length).toBeGreaterThan(0.95);
      } finally {
        await browser.close();
        pages.stop();
      }
    });
  });
});
