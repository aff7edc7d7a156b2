import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as chat from '../src/chat.ts';
import * as client from '../src/client.ts';
import * as embedders from '../src/embedders.ts';
import * as http from '../src/http.ts';
import * as main from '../src/index.ts';
import * as kernels from '../src/kernels.ts';
import * as node from '../src/node.ts';
import * as serve from '../src/serve.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const reference = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');

describe('docs/api.md', () => {
  it('names every export of every entry in the section of that entry', () => {
    const entries = {
      llminit: main,
      'llminit/serve': serve,
      'llminit/http': http,
      'llminit/embedders': embedders,
      'llminit/chat': chat,
      'llminit/client': client,
      'llminit/kernels': kernels,
      'llminit/node': node,
    };
    for (const [name, exported] of Object.entries(entries)) {
      const [, rest] = reference.split(`\n## \`${name}\`\n`);
      const section = rest.split('\n## ')[0];
      const missing = Object.keys(exported).filter((key) => !new RegExp(`^- \`${key}\\b`, 'm').test(section));
      expect(missing, `of ${name}, run npm run docs`).toEqual([]);
    }
  });

  it('is what the comments in the sources say (npm run docs)', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/api.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('docs/gains.svg', () => {
  it('shows the runs that are recorded (node scripts/gainsPicture.mjs)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'llminit-gains-'));
    try {
      const drawn = join(folder, 'gains.svg');
      spawnSync(process.execPath, ['scripts/gainsPicture.mjs', drawn], { cwd: root });
      expect(readFileSync(drawn, 'utf8')).toBe(readFileSync(join(root, 'docs/gains.svg'), 'utf8'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the documents', () => {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((page) => page.endsWith('.md') && !page.startsWith('site'))
    .map((page) => `docs/${page}`);
  const documents = [
    'README.md',
    'MIGRATING.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'examples/README.md',
    ...pages,
  ];

  for (const document of documents) {
    it(`${document} links to files that exist`, () => {
      const text = readFileSync(join(root, document), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)].map(([, link]) => link);
      const missing = links.filter((link) => !existsSync(join(root, dirname(document), link)));
      expect(missing).toEqual([]);
    });
  }
});
