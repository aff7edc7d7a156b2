import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { output } from './child.ts';
import { servePages } from './pages.ts';
import { describeOn, toolPath } from './tools.ts';

const consumer = inject('consumer');

/** What a person writes who has Vite's template for React. */
const FILES = {
  'index.html': '<div id="root"></div><script type="module" src="/src/main.jsx"></script>',
  'src/main.jsx': `import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Next } from './Next.jsx';

createRoot(document.getElementById('root')).render(<StrictMode><Next history={['b01', 'b02']} /></StrictMode>);
`,
  'src/Next.jsx': `import { Recommender } from 'llminit/serve';
import { useEffect, useState } from 'react';

export function Next({ history }) {
  const [items, setItems] = useState([]);
  useEffect(() => {
    let shown = true;
    Recommender.fromUrl('./model.safetensors').then((recommender) => {
      if (shown) setItems(recommender.recommend({ history }, { k: 3 }));
    });
    return () => { shown = false; };
  }, [history]);
  return <ol>{items.map(({ id, title }) => <li key={id}>{title}</li>)}</ol>;
}
`,
};

const needed = ['/usr/bin/chromium', ...['playwright-core', 'vite', 'react', 'react-dom'].map(toolPath)];

describeOn('Vite and React', needed, () => {
  it('show recommendations in strict mode, from a model trained by two commands', {
    timeout: 60_000,
  }, async () => {
    const folder = join(consumer, 'vite-react');
    const cli = join(consumer, 'node_modules/llminit/dist/cli.js');
    await output(process.execPath, [cli, 'new', 'page', folder], { cwd: consumer });
    for (const [file, text] of Object.entries(FILES)) {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    mkdirSync(join(folder, 'node_modules'));
    cpSync(join(consumer, 'node_modules/llminit'), join(folder, 'node_modules/llminit'), { recursive: true });
    for (const tool of ['react', 'react-dom', 'scheduler', 'vite'])
      symlinkSync(toolPath(tool), join(folder, 'node_modules', tool));
    mkdirSync(join(folder, 'public'));
    const files = ['--interactions', 'data/loans.csv', '--items', 'data/books.csv'];
    const train = ['train', ...files, '--out', 'public/model.safetensors', '--quiet'];
    await output(process.execPath, [cli, ...train], { cwd: folder });
    const vite = toolPath('vite/bin/vite.js');
    await output(process.execPath, [vite, 'build', '--base', './'], { cwd: folder });

    const pages = await servePages(join(folder, 'dist'));
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(pages.url('plain', 'index.html'));
      await page.evaluate(
        "new Promise((resolve) => { const look = () => (document.querySelector('li') ? resolve() : setTimeout(look, 50)); look(); })",
      );
      const titles = await page.locator('li').allTextContents();
      expect(titles).toHaveLength(3);
      expect(titles.filter((title) => /Sourdough|Rye Handbook/.test(title))).toEqual([]);
    } finally {
      await browser.close();
      pages.stop();
    }
  });
});
