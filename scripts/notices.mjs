// Writes the licences of the packages whose code the bundles hold.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = 'node_modules/';
const RULE = `${'-'.repeat(80)}\n`;

/**
 * @param inputs source files that are in the bundles, by their path from the project's folder
 * @throws when a package comes without the text of its licence
 */
export function writeNotices(file, inputs) {
  // Functions of its standard library are compiled into the kernels.
  const folders = new Set([`${ROOT}assemblyscript`]);
  for (const input of inputs) {
    const folder = packageOf(input);
    if (folder) folders.add(folder);
  }
  const notices = [...folders].sort().map(noticeOf);
  writeFileSync(
    file,
    `llminit is published under Apache-2.0 (LICENSE). Its files hold code of these packages:\n\n${notices.join('')}`,
  );
}

/** `node_modules/@scope/name` of the innermost package that a file belongs to; null for our own files. */
function packageOf(input) {
  const at = input.lastIndexOf(ROOT);
  if (at < 0) return null;
  const parts = input.slice(at + ROOT.length).split('/');
  const name = parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/');
  return input.slice(0, at) + ROOT + name;
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = readdirSync(folder)
    .sort()
    .find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const readme = join(folder, 'README.md');
  const body = text
    ? readFileSync(join(folder, text), 'utf8')
    : licenceSection(existsSync(readme) ? readFileSync(readme, 'utf8') : '');
  // The text of that licence is our own LICENSE, too.
  if (!body && license === 'Apache-2.0') return `${RULE}${name} ${version} (${license}, see LICENSE)\n\n`;
  if (!body) throw new Error(`${folder}: expected a file with the text of its licence`);
  return `${RULE}${name} ${version} (${license})\n\n${body.trim()}\n\n`;
}

/** Some packages state their licence at the end of the README. */
function licenceSection(readme) {
  return /^#+\s*licen[cs]e\b[^\n]*\n([\s\S]*)$/im.exec(readme)?.[1] ?? '';
}
