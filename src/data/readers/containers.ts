import { FormatError, OptionError, shown, UnsupportedError } from '../../errors.ts';
import { MAGIC_BYTES, type Magic, magicOf } from './magic.ts';
import { type Bytes, collected, peek } from './source.ts';
import { memberOf } from './zip.ts';

/** What is inside a file, whatever it is packed in. */
export interface Unpacked {
  readonly bytes: Bytes;
  /** the file's name; that of the member for a zip archive */
  readonly name: string;
  /** what it was packed in, from the outside in: `gzip`, `zip` … */
  readonly packing: readonly string[];
  readonly isParquet: boolean;
}

const MOST_PACKINGS = 4;

/**
 * Takes off gzip, zstd and zip, told by their first bytes and not by the name.
 *
 * @param member which file of a zip archive is meant; it may be left out where there is one only
 * @throws {FormatError} for damaged bytes, and for files that are no tables, saying what they are
 * @throws {OptionError} if the archive has several files and none is named, or not the one that is
 */
export async function unpacked(bytes: Bytes, name: string, member?: string): Promise<Unpacked> {
  const packing: string[] = [];
  let inner = { bytes, name };
  for (;;) {
    const peeked = await peek(inner.bytes, MAGIC_BYTES);
    const magic = magicOf(peeked.head);
    inner = { ...inner, bytes: peeked.bytes };
    if (!magic || magic.name === 'parquet') {
      if (member !== undefined && !packing.includes('zip')) throw noArchive(name, member);
      return { ...inner, packing, isParquet: magic !== null };
    }
    if (magic.name === 'other') throw refusal(inner.name, magic);
    if (packing.length === MOST_PACKINGS) {
      const problem = `expected a file, received one packed more than ${MOST_PACKINGS} times`;
      throw new FormatError(name, problem, 'Unpack it first');
    }
    packing.push(magic.name);
    inner = await opened(magic.name, inner, member);
  }
}

async function opened(
  packing: Magic['name'],
  { bytes, name }: { bytes: Bytes; name: string },
  member: string | undefined,
): Promise<{ bytes: Bytes; name: string }> {
  const plain = name.replace(/\.(gz|gzip|zst|zstd)$/i, '');
  if (packing === 'gzip') return { bytes: gunzipped(bytes, name), name: plain };
  if (packing === 'zstd') return { bytes: zstdDecoded(bytes, name), name: plain };
  return memberOf(await collected(bytes), name, member);
}

function refusal(name: string, { what, sign, remedy }: Magic): FormatError {
  return new FormatError(name, `expected a table, received ${what} (it begins with ${sign})`, remedy);
}

function noArchive(name: string, member: string): OptionError {
  const problem = `expected an archive with a file ${shown(member)}, received a file that is no zip archive`;
  return new OptionError(name, problem, 'Leave the name of the member out', 'member');
}

/** The bytes inside gzip, several members one after the other included where the runtime takes them. */
async function* gunzipped(bytes: Bytes, name: string): AsyncGenerator<Uint8Array> {
  if (typeof DecompressionStream === 'undefined') {
    throw new UnsupportedError(name, 'this runtime cannot unpack gzip', 'Unpack the file first');
  }
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  let failure: { error: unknown } | null = null;
  const feed = async () => {
    try {
      for await (const piece of bytes) await writer.write(new Uint8Array(piece)).catch(() => {});
    } catch (error) {
      failure = { error };
      await writer.abort(error).catch(() => {});
      return;
    }
    // Bytes that the stream refuses are told by its reader.
    await writer.close().catch(() => {});
  };
  const feeding = feed();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
  } catch (error) {
    throw failure === null && isDecoding(error) ? damaged(name, 'gzip') : error;
  } finally {
    await reader.cancel().catch(() => {});
    await feeding;
  }
}

/** Whether an error says that compressed bytes are not what they should be. */
function isDecoding(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END';
}

async function* zstdDecoded(bytes: Bytes, name: string): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let ready: Uint8Array[] = [];
  const decoder = new Decompress((piece) => ready.push(piece));
  const push = (piece: Uint8Array, isLast: boolean) => {
    try {
      decoder.push(piece, isLast);
    } catch {
      throw damaged(name, 'zstd');
    }
  };
  for await (const piece of bytes) {
    push(new Uint8Array(piece), false);
    yield* ready;
    ready = [];
  }
  push(new Uint8Array(), true);
  yield* ready;
}

function damaged(name: string, packing: string): FormatError {
  return new FormatError(
    name,
    `expected whole ${packing} data, received damaged or cut-off data`,
    'Fetch the file again',
  );
}
