import { existsSync, statSync } from 'node:fs';

/** What stands for standard input. */
export const STDIN = '-';

const IN_ARCHIVE = /^(.+?\.zip)[/\\](.+)$/i;

/** Whether a path is a pattern: it names no file itself, and has `*`, `?`, `[…]` or `{…}`. */
export function isPattern(path: string): boolean {
  return path !== STDIN && /[*?[\]{}]/.test(path) && !existsSync(path);
}

/** The files that match a pattern, in order of their names. */
export async function filesMatching(pattern: string): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  return (await glob(pattern, { expandDirectories: false })).sort();
}

/** The parts of `archive.zip/file`; null for any other path. */
export function archiveOf(path: string): { readonly archive: string; readonly member: string } | null {
  const [, archive, member] = IN_ARCHIVE.exec(path) ?? [];
  if (archive === undefined || existsSync(path) || !existsSync(archive)) return null;
  return statSync(archive).isFile() ? { archive, member } : null;
}
