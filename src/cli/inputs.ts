import { DataError, type NamedSource, OptionError } from '../index.ts';
import { openSource } from '../node.ts';
import { archiveOf, filesMatching, isPattern, STDIN } from './paths.ts';

/** One path or several, as a flag received them. */
export type Paths = string | readonly string[];

/**
 * The files that paths and patterns stand for: a file that is there stands for itself, `*`, `?`, `[…]` and `{…}` for all
 * that match, in order of their names, `-` for standard input, and `archive.zip/file` for a file in an archive.
 *
 * @throws {DataError} when no file matches a pattern
 * @throws {OptionError} when standard input is asked for twice
 */
export async function inputSources(flag: string, paths: Paths): Promise<NamedSource[]> {
  const sources: NamedSource[] = [];
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    if (!isPattern(path)) {
      sources.push(sourceOf(path));
      continue;
    }
    const found = await filesMatching(path);
    if (found.length === 0)
      throw new DataError(
        `${flag} ${path}`,
        'expected files, received a pattern that none matches',
        'Check it',
      );
    sources.push(...found.map(sourceOf));
  }
  if (sources.filter(({ name }) => name === STDIN_NAME).length > 1)
    throw new OptionError(flag, 'expected - once, received it twice', 'Standard input can be read once');
  return sources;
}

const STDIN_NAME = 'standard input';

/** Whether a source is a whole file on the disk, which its name is the path of. */
export function isPlainFile({ name, member }: NamedSource): boolean {
  return name !== STDIN_NAME && member === undefined;
}

/** A file for a reader. */
export function sourceOf(path: string): NamedSource {
  if (path === STDIN) return { name: STDIN_NAME, source: process.stdin };
  const inside = archiveOf(path);
  return inside
    ? { name: path, source: openSource(inside.archive), member: inside.member }
    : { name: path, source: openSource(path) };
}
