// Writes docs/api.md: every export of every entry, with its signature and the first paragraph of its comment.
//
//   node scripts/api.mjs           writes the document
//   node scripts/api.mjs --check   fails when the document is not what this would write
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DOCUMENT = 'docs/api.md';
const ENTRIES = {
  index: ['llminit', 'Everything that runs in every runtime.'],
  serve: ['llminit/serve', 'Loads a model and recommends; reaches no training code.'],
  http: ['llminit/http', 'A recommender over HTTP, for any server, and the journal of what it is told.'],
  embedders: [
    'llminit/embedders',
    'Vectors for texts: lexical, from an encoder, over HTTP, from files, from objects of other libraries.',
  ],
  chat: ['llminit/chat', 'Chat models that re-rank recommendations, with what they cost.'],
  sequences: ['llminit/sequences', 'What reads histories in order: models of sequences, to be opened with.'],
  client: ['llminit/client', 'Asks a service of `createHandler` or `llminit serve`.'],
  kernels: ['llminit/kernels', 'The numeric core on plain arrays, for those who bring their own model.'],
  node: ['llminit/node', 'Files, folders and threads, for Node and runtimes that offer its API.'],
};
/** Headings by folder of src, in the order in which data flows. */
const ROOMS = {
  data: 'Interactions, catalogues, splits',
  embed: 'Texts to vectors',
  recipe: 'The recipe',
  init: 'Initialisation',
  models: 'Models',
  train: 'Training',
  evaluate: 'Evaluation',
  rank: 'Scorers',
  serve: 'Serving',
  chat: 'Chat models',
  arrays: 'Functions on arrays',
  node: 'Files',
  linalg: 'Linear algebra',
  format: 'Formats',
  options: 'Options',
  remote: 'Services',
  runtime: 'The runtime',
  errors: 'Errors',
};

const sources = new Map();
const write = document();
if (!process.argv.includes('--check')) writeFileSync(DOCUMENT, write);
else if (readFileSync(DOCUMENT, 'utf8') !== write) {
  console.error(`${DOCUMENT} is not what the sources say: node scripts/api.mjs writes it anew`);
  process.exit(1);
}

function document() {
  const parts = [
    '# Reference\n',
    'Every export of every entry, made from the comments in the sources by `node scripts/api.mjs`; an editor shows the',
    'whole comment on hover. Names in `type` exist for the compiler only.\n',
  ];
  for (const [entry, [name, about]] of Object.entries(ENTRIES)) {
    parts.push(`## \`${name}\``, `${about}\n`);
    const exported = exportsOf(`src/${entry}.ts`);
    for (const [room, heading] of Object.entries(ROOMS)) {
      const own = exported.filter(({ file }) => roomOf(file) === room);
      if (own.length > 0) parts.push(`### ${heading}`, ...own.map(line), '');
    }
    const homeless = exported.find(({ file }) => !(roomOf(file) in ROOMS));
    if (homeless) throw new Error(`${homeless.file}: scripts/api.mjs has no heading for its folder`);
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

function roomOf(file) {
  return file.split('/')[1].replace(/\.ts$/, '');
}

/** The names in the lists of an entry, values before types. */
function exportsOf(entry) {
  const lists = source(entry).matchAll(/^export (type )?\{([^}]*)\} from '([^']+)';/gm);
  const found = Array.from(lists, ([, allTypes, names, from]) =>
    names.split(/,(?![^/]*\*\/)/).flatMap((item) => {
      const deprecated = /@deprecated ([^*]*?)\s*\*\//.exec(item)?.[1];
      const name = item.replace(/\/\*[\s\S]*?\*\//g, '').trim();
      if (name === '') return [];
      const isType = allTypes !== undefined || name.startsWith('type ');
      const [original, alias] = name.replace(/^type /, '').split(' as ');
      return [{ name: alias ?? original, original, file: join(dirname(entry), from), isType, deprecated }];
    }),
  ).flat();
  return found.sort((a, b) => a.isType - b.isType);
}

function line({ name, original, file: from, isType, deprecated }) {
  const { file, kind, comment, at } = declaration(from, original);
  const title = kind === 'function' ? signature(file, at, name, original) : isType ? `type ${name}` : name;
  const until = deprecated ? ` *Deprecated: ${deprecated}.*` : '';
  const lines = [`- \`${title}\`: ${comment || '–'}${until}`];
  if (kind === 'class') lines.push(...members(file, at).map((member) => `  - ${member}`));
  return lines.join('\n');
}

function source(file) {
  if (!sources.has(file)) sources.set(file, readFileSync(file, 'utf8'));
  return sources.get(file);
}

/** Where and how a name is declared, with its comment; through files that hand it on. */
function declaration(file, name) {
  const text = source(file);
  const pattern = new RegExp(
    `^export (?:abstract )?(?:async )?(class|function\\*?|const|interface|type) ${name}\\b`,
    'm',
  );
  const match = pattern.exec(text);
  if (!match) {
    const handed = exportsOf(file).find((found) => found.name === name);
    if (!handed) throw new Error(`${file}: expected a declaration of ${name}`);
    return declaration(handed.file, handed.original);
  }
  return {
    file,
    kind: match[1].replace('*', ''),
    comment: commentBefore(text, match.index),
    at: match.index,
  };
}

/** The first paragraph of the JSDoc comment that ends at a place, as one line. */
function commentBefore(text, end) {
  const match = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, end));
  if (!match) return '';
  const lines = match[1].split('\n').map((row) => row.replace(/^\s*\* ?/, '').trim());
  const paragraph = lines
    .join('\n')
    .trim()
    .split(/\n\s*\n|(?:^|\n)@\w+/)[0];
  return paragraph.replace(/\s+/g, ' ').trim();
}

/** `name(parameter: Type, …): Type`, with destructured options called `options`. */
function signature(file, at, name, declared = name) {
  const text = source(file).slice(at);
  const open = text.indexOf('(');
  const close = closing(text, open);
  const generics = text.slice(text.indexOf(declared) + declared.length, open).trim();
  const parameters = split(text.slice(open + 1, close))
    .map(parameter)
    .join(', ');
  const returned =
    /^\s*:\s*([\s\S]*?)\s*(?:\{\n|;\n)/.exec(text.slice(close + 1))?.[1].replace(/\s+/g, ' ') ?? 'void';
  return `${name}${generics}(${parameters}): ${returned}`;
}

/** `{ a, b }: Options = {}` → `options?: Options`; `k = 10` → `k?`. */
function parameter(text) {
  const optional = splitAt(text, '=');
  const [name, type] = splitAt(optional[0].trim().replace(/^(?:public |readonly |private )+/, ''), ':');
  const plain = name.trim().startsWith('{') ? 'options' : name.trim();
  const mark = optional.length > 1 && !plain.endsWith('?') ? '?' : '';
  const shown = type
    ?.replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return shown ? `${plain}${mark}: ${shown}` : `${plain}${mark}`;
}

/** At the first `sign` outside of brackets that is not part of an arrow. */
function splitAt(text, sign) {
  let depth = 0;
  for (let n = 0; n < text.length; n++) {
    if ('([{<'.includes(text[n])) depth++;
    else if (')]}'.includes(text[n]) || (text[n] === '>' && text[n - 1] !== '=')) depth--;
    else if (depth === 0 && text[n] === sign && text[n + 1] !== '>')
      return [text.slice(0, n), text.slice(n + 1)];
  }
  return [text];
}

function split(text) {
  const [first, rest] = splitAt(text, ',');
  const own = first.trim() === '' ? [] : [first];
  return rest === undefined ? own : [...own, ...split(rest)];
}

function closing(text, open) {
  let depth = 0;
  for (let n = open; n < text.length; n++) {
    if (text[n] === '(') depth++;
    else if (text[n] === ')' && --depth === 0) return n;
  }
  throw new Error(`expected a closing bracket after ${text.slice(0, 80)}`);
}

/** Public methods and properties of a class that have a comment, and behind them those of the class that it extends. */
function members(file, at) {
  const base = /^export (?:abstract )?class \w+ extends (\w+) /.exec(source(file).slice(at))?.[1];
  const from = base && new RegExp(`\\b${base}\\b[^;]*\\} from '(\\.[^']+)';`).exec(source(file))?.[1];
  const inherited = from ? declaration(join(dirname(file), from), base) : null;
  const own = ownMembers(file, at);
  return inherited ? [...own, ...members(inherited.file, inherited.at)] : own;
}

function ownMembers(file, at) {
  const body = source(file).slice(at, source(file).indexOf('\n}\n', at));
  const pattern = /^ {2}(static |readonly |get |async |override |declare )*(\*?[a-z]\w*)(\(|[?!]?:)/gm;
  const found = [];
  for (const match of body.matchAll(pattern)) {
    const [, , name, end] = match;
    if (name === 'constructor' || match[0].trimStart().startsWith('private')) continue;
    const comment = commentBefore(body, match.index);
    if (comment === '' || /@internal/.test(body.slice(body.lastIndexOf('/**', match.index), match.index)))
      continue;
    const title =
      end === '('
        ? `${match[0].includes('static') ? 'static ' : ''}${signature(file, at + match.index, name)}`
        : name;
    if (!found.some((member) => member.startsWith(`\`${title}\``))) found.push(`\`${title}\`: ${comment}`);
  }
  return found;
}
