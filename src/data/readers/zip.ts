import type { UnzipFileInfo } from 'fflate';
import { FormatError, OptionError, shown } from '../../errors.ts';

/** Files of an archive that are no data: folders, what macOS adds, hidden files, read-mes. */
const NO_DATA = /\/$|^__MACOSX\/|(^|\/)\.|(^|\/)(readme|license|licence|copying)[^/]*$/i;

/**
 * One file of a zip archive.
 *
 * @param member its path in the archive, or the end of it; may be left out where one file holds data
 * @throws {FormatError} for a damaged archive, and for an Excel workbook
 * @throws {OptionError} if the file is not told by `member`
 */
export async function memberOf(
  archive: Uint8Array,
  name: string,
  member: string | undefined,
): Promise<{ bytes: AsyncGenerator<Uint8Array>; name: string }> {
  const files = await listed(archive, name);
  if (files.some((file) => /^(xl|word|ppt)\//.test(file) || file === '[Content_Types].xml')) {
    const problem =
      'expected a table, received an Excel workbook or another Office file (a zip archive with xl/)';
    throw new FormatError(name, problem, 'Save the table as CSV (UTF-8) and pass that');
  }
  const chosen = choose(files, name, member);
  return { bytes: unzipped(archive, name, chosen), name: chosen };
}

function choose(files: readonly string[], name: string, member: string | undefined): string {
  const data = files.filter((file) => !NO_DATA.test(file));
  const found =
    member === undefined
      ? data
      : files.filter((file) => file === member || (member !== '' && file.endsWith(`/${member}`)));
  if (found.length === 1) return found[0];
  const listing = data.slice(0, 20).map(shown).join(', ') + (data.length > 20 ? ', …' : '');
  const wanted =
    member === undefined ? 'an archive with one file' : `an archive with one file ${shown(member)}`;
  const remedy = `Name the file inside, as in ${name}/${data[0] ?? 'file'}`;
  throw new OptionError(name, `expected ${wanted}, received one with ${listing || 'none'}`, remedy, 'member');
}

/** The paths in the archive, from its directory. */
async function listed(archive: Uint8Array, name: string): Promise<string[]> {
  const { unzipSync } = await import('fflate');
  const files: string[] = [];
  const filter = ({ name: file }: UnzipFileInfo) => {
    files.push(file);
    return false;
  };
  try {
    unzipSync(archive, { filter });
  } catch {
    throw damaged(name);
  }
  return files;
}

const PIECE = 1 << 18;

async function* unzipped(archive: Uint8Array, name: string, member: string): AsyncGenerator<Uint8Array> {
  const { Unzip, UnzipInflate } = await import('fflate');
  let ready: Uint8Array[] = [];
  let failed = false;
  let isDone = false;
  const unzip = new Unzip((file) => {
    if (file.name !== member) return;
    file.ondata = (error, piece, isLast) => {
      failed ||= error !== null;
      isDone ||= isLast;
      if (!error) ready.push(piece);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  for (let from = 0; from < archive.length && !isDone; from += PIECE) {
    try {
      unzip.push(archive.subarray(from, from + PIECE), from + PIECE >= archive.length);
    } catch {
      failed = true;
    }
    if (failed) throw damaged(name);
    yield* ready;
    ready = [];
  }
  if (!isDone) throw damaged(name);
}

function damaged(name: string): FormatError {
  return new FormatError(
    name,
    'expected a whole zip archive, received a damaged or cut-off one',
    'Fetch it again',
  );
}
