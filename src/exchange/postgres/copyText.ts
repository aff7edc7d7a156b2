import { DataError, shown } from '../../errors.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value of the text format of PostgreSQL's COPY. */
export type CopyValue = string | number | boolean | null;

/** A line of COPY's text format. @throws {DataError} for a text with NUL, which PostgreSQL cannot hold */
export function copyLine(where: string, values: readonly CopyValue[]): string {
  return `${values.map((value) => copyCell(where, value)).join('\t')}\n`;
}

function copyCell(where: string, value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  if (value.includes('\0')) {
    const problem = `expected texts without the character NUL, received ${shown(value)}`;
    throw new DataError(where, problem, 'PostgreSQL cannot hold it: mend the text');
  }
  return value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]);
}

/** A vector of pgvector: nine digits tell every number of 32 bits. */
export function vectorText(row: Float32Array): string {
  return `[${Array.from(row, (value) => Number(value.toPrecision(9))).join(',')}]`;
}

/** An array of texts as PostgreSQL writes it. */
export function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** A name between quotes. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text between quotes. */
export function quotedText(text: string): string {
  return text.includes('\\') ? `E'${text.replace(/['\\]/g, '\\$&')}'` : `'${text.replaceAll("'", "''")}'`;
}
