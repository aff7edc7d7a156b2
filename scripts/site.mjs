// Builds the documentation site into site/: the pages of docs/, the command line's help and TypeDoc's reference, by
// VitePress, which fails at links that lead nowhere. What it is made with is installed into .site/ once.
//
//   node scripts/site.mjs          site/
//   node scripts/site.mjs --pages  .site/pages/ only, which `npx vitepress dev .site/pages` shows as it is edited
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TOOLS = '.site';
const PAGES = '.site/pages';
const OUT = 'site';
const ENTRIES = ['index', 'serve', 'http', 'embedders', 'chat', 'sequences', 'client', 'kernels', 'node'];
/** Documents outside of docs/ that pages link to. */
const DOCUMENTS = [
  'CHANGELOG.md',
  'MIGRATING.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/RESULTS.md',
  'examples/README.md',
  'examples/cloudflare-worker/README.md',
  'examples/vercel/README.md',
  'examples/deno/README.md',
  'examples/node/README.md',
  'examples/page/README.md',
];

install();
rmSync(PAGES, { recursive: true, force: true });
cpSync('docs', join(PAGES, 'docs'), {
  recursive: true,
  filter: (path) => !path.startsWith(join('docs', 'site')) && path !== join('docs', 'api.md'),
});
for (const document of DOCUMENTS.filter((file) => existsSync(file))) {
  mkdirSync(join(PAGES, dirname(document)), { recursive: true });
  cpSync(document, join(PAGES, document));
}
writeFileSync(join(PAGES, 'docs/cli.md'), commandLine());
makeReference();
cpSync('docs/site/index.md', join(PAGES, 'index.md'));
mkdirSync(join(PAGES, '.vitepress'), { recursive: true });
cpSync('docs/site/config.mjs', join(PAGES, '.vitepress/config.mjs'));
for (const file of markdownFiles(PAGES)) writeFileSync(file, forSite(file, readFileSync(file, 'utf8')));
if (!process.argv.includes('--pages')) {
  run(tool('vitepress/bin/vitepress.js'), 'build', PAGES);
  rmSync(OUT, { recursive: true, force: true });
  cpSync(join(PAGES, '.vitepress/dist'), OUT, { recursive: true });
  console.log(`${OUT}: ${markdownFiles(PAGES).length} pages`);
}

function install() {
  const wanted = readFileSync('docs/site/package.json');
  const marker = join(TOOLS, 'package.json');
  if (existsSync(tool('vitepress/package.json')) && readFileSync(marker).equals(wanted)) return;
  mkdirSync(TOOLS, { recursive: true });
  writeFileSync(marker, wanted);
  const { status } = spawnSync(
    'npm',
    ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: TOOLS, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
  );
  if (status !== 0) process.exit(status ?? 1);
}

function tool(path) {
  return join(TOOLS, 'node_modules', path);
}

/** Runs a program of Node, which must succeed; its output is shown when it does not. */
function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  console.error(`${args.join(' ')}: status ${status}\n${stdout}\n${stderr}`);
  process.exit(status ?? 1);
}

/** A page with the help of every command, as the command line itself gives it. */
function commandLine() {
  const cli = 'dist/cli.js';
  const help = run(cli, '--help');
  const list = help.slice(help.indexOf('\nCommands:'), help.indexOf('\nExamples:'));
  const names = Array.from(list.matchAll(/^ {2}([a-z][a-z-]*)/gm), ([, name]) => name).filter(
    (name) => name !== 'help',
  );
  const fenced = (text) => `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
  const commands = names.map((name) => `## ${name}\n${fenced(run(cli, name, '--help'))}`);
  return `# Command line\n${fenced(help)}\n${commands.join('\n')}`;
}

/** Pages of every export, and the list of them for the side bar. */
function makeReference() {
  const options = {
    entryPoints: ENTRIES.map((entry) => `../src/${entry}.ts`),
    tsconfig: '../tsconfig.json',
    plugin: ['typedoc-plugin-markdown'],
    out: 'pages/api',
    readme: 'none',
    entryFileName: 'index',
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    skipErrorChecking: true,
    logLevel: 'Error',
  };
  writeFileSync(join(TOOLS, 'typedoc.json'), JSON.stringify(options));
  run(tool('typedoc/bin/typedoc'), '--options', join(TOOLS, 'typedoc.json'));
  const groups = ENTRIES.map((entry) => {
    const folder = join(PAGES, 'api', entry);
    const kinds = readdirSync(folder, { withFileTypes: true }).filter((found) => found.isDirectory());
    const items = kinds.flatMap(({ name: kind }) =>
      readdirSync(join(folder, kind)).map((file) => {
        const name = file.replace(/\.md$/, '');
        return { text: name, link: `/api/${entry}/${kind}/${name}` };
      }),
    );
    return { text: entry === 'index' ? 'llminit' : `llminit/${entry}`, collapsed: true, items };
  });
  mkdirSync(join(PAGES, '.vitepress'), { recursive: true });
  writeFileSync(join(PAGES, '.vitepress/reference.mjs'), `export default ${JSON.stringify(groups)};\n`);
}

function markdownFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(({ name }) => name.endsWith('.md'))
    .map((found) => join(found.parentPath, found.name));
}

/** Links to what is no page become text: files and folders of the repository, which the site does not hold. */
function forSite(file, text) {
  return text.replace(
    /\[([^\]]+)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g,
    (link, label, path, anchor = '') => {
      if (path.startsWith('/')) return link;
      const target = join(dirname(file), path);
      if (existsSync(join(target, 'README.md'))) return `[${label}](${path.replace(/\/$/, '')}/README.md)`;
      if (target === join(PAGES, 'docs/api.md')) return `[${label}](/api/)`;
      const isPage = [target, `${target}.md`, join(target, 'index.md')].some(
        (page) => page.endsWith('.md') && existsSync(page),
      );
      return isPage ? `[${label}](${path}${anchor})` : label;
    },
  );
}
