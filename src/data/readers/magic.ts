/** What the first bytes of a file say it is. */
export interface Magic {
  readonly name: 'gzip' | 'zstd' | 'zip' | 'parquet' | 'other';
  /** for messages: `gzip`, `an Excel workbook (.xls)` */
  readonly what: string;
  /** the bytes as hexadecimal, or the text, that told it */
  readonly sign: string;
  /** what to do instead, for those that are not read */
  readonly remedy: string;
}

type Signature = readonly [
  name: Magic['name'],
  sign: readonly number[] | string,
  what: string,
  remedy: string,
  at?: number,
];

const DOWNLOAD = 'Download the file itself: open the address in a browser, or check that you are signed in';
const AS_TEXT = 'Save the table as CSV (UTF-8) and pass that';
const UNPACK = 'Unpack it first, or pack it as gzip or zstd';
const EXPORT = 'Export the table as CSV, JSON lines or Parquet';

/** Longest and most telling first; text is compared without case. */
const SIGNATURES: readonly Signature[] = [
  ['gzip', [0x1f, 0x8b], 'gzip', ''],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd], 'zstd', ''],
  ['zip', 'PK\x03\x04', 'zip', ''],
  ['other', 'PK\x05\x06', 'an empty zip archive', 'Pass the archive with its files'],
  ['parquet', 'PAR1', 'Parquet', ''],
  ['other', 'PARE', 'an encrypted Parquet file', 'Decrypt it first'],
  ['other', [0xd0, 0xcf, 0x11, 0xe0], 'an Excel workbook (.xls) or another Office file', AS_TEXT],
  ['other', '%PDF', 'a PDF', EXPORT],
  ['other', 'SQLite format 3', 'an SQLite database', EXPORT],
  ['other', 'DUCK', 'a DuckDB database', EXPORT, 8],
  [
    'other',
    'version https://git-lfs',
    'a Git LFS pointer, not the file',
    'Fetch the file with `git lfs pull`',
  ],
  ['other', 'BZh', 'bzip2', UNPACK],
  ['other', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', UNPACK],
  ['other', [0x37, 0x7a, 0xbc, 0xaf], 'a 7-Zip archive', UNPACK],
  ['other', 'Rar!', 'a RAR archive', UNPACK],
  ['other', 'ustar', 'a tar archive', 'Unpack it and pass the file inside', 257],
  ['other', [0x04, 0x22, 0x4d, 0x18], 'lz4', UNPACK],
  ['other', [0x1f, 0x9d], 'a .Z file of compress', UNPACK],
  ['other', 'ARROW1', 'an Arrow or Feather file', EXPORT],
  ['other', 'FEA1', 'a Feather file', EXPORT],
  ['other', [0x4f, 0x62, 0x6a, 0x01], 'an Avro file', EXPORT],
  ['other', 'ORC', 'an ORC file', EXPORT],
  ['other', [0x89, 0x48, 0x44, 0x46], 'an HDF5 file', EXPORT],
  [
    'other',
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
    'a NumPy array',
    'Pass it with --embedder if it holds vectors',
  ],
  ['other', [0x80, 0x02], 'a Python pickle', EXPORT],
  ['other', [0x80, 0x03], 'a Python pickle', EXPORT],
  ['other', [0x80, 0x04], 'a Python pickle', EXPORT],
  ['other', [0x80, 0x05], 'a Python pickle', EXPORT],
  ['other', '{\\rtf', 'a rich text document', AS_TEXT],
  ['other', [0x89, 0x50, 0x4e, 0x47], 'a PNG image', 'Check that it is the right file'],
  ['other', [0xff, 0xd8, 0xff], 'a JPEG image', 'Check that it is the right file'],
  ['other', '<!doctype html', 'an HTML page', DOWNLOAD],
  ['other', '<html', 'an HTML page', DOWNLOAD],
  ['other', '<head', 'an HTML page', DOWNLOAD],
];

/** How many bytes `magicOf` wants to see. */
export const MAGIC_BYTES = 512;

/** What the bytes are by their signature; null for text and for what is not known. */
export function magicOf(head: Uint8Array): Magic | null {
  const text = new TextDecoder().decode(head.subarray(startOfText(head), MAGIC_BYTES)).toLowerCase();
  const isBinary = head.some((byte) => byte === 0 || (byte > 1 && byte < 9) || (byte > 13 && byte < 27));
  for (const [name, sign, what, remedy, at = 0] of SIGNATURES) {
    const isText = typeof sign === 'string';
    const bytes = isText ? Array.from(sign, (letter) => letter.charCodeAt(0)) : sign;
    const opens = TEXTS.test(what)
      ? text.startsWith(String(sign).toLowerCase())
      : (!isText || isBinary) && bytes.every((byte, n) => head[at + n] === byte);
    if (opens) return { name, what, remedy, sign: isText ? JSON.stringify(sign) : hex(bytes) };
  }
  return null;
}

/** Those that are text all through, so that only their beginning tells them from a table. */
const TEXTS = /HTML|LFS|PDF|rich text/;

/** Where the first character that is no white space stands, after a byte order mark. */
function startOfText(head: Uint8Array): number {
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  while (head[at] === 32 || (head[at] >= 9 && head[at] <= 13)) at++;
  return at;
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
