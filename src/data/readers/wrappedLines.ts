import type { Block } from './blocks.ts';
import { dialectOf, type Sample } from './dialect.ts';
import type { FormatInput } from './formats.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** From this share of lines on, quotes stand around lines. */
const MOST = 0.9;
const WRAPPED = /^"(?:[^"]|"")*"$/;

/**
 * The text without the quotes around each line, where each line as a whole stands in them, as a program writes rows that it
 * takes for one field: `"7,40,5"`, with the quotes inside doubled. The input itself where that is not so.
 */
export function withoutLineQuotes(input: FormatInput): FormatInput {
  const { sample, hints, counter } = input;
  const wrapped = sample.lines.filter((line) => WRAPPED.test(line));
  if (wrapped.length < 2 || wrapped.length < MOST * sample.lines.length) return input;
  const bare: Sample = { lines: sample.lines.map(withoutQuotes), numbers: sample.numbers };
  if (!hasFields(bare, hints.delimiter)) return input;
  counter.note('each line as a whole stands in quotes, which are no part of it');
  return { ...input, sample: bare, blocks: bareBlocks(input.blocks) };
}

function hasFields(sample: Sample, delimiter: string | undefined): boolean {
  try {
    const dialect = dialectOf(sample, '', delimiter);
    return sample.lines.slice(dialect.skipped).every((line) => line.includes(dialect.delimiter));
  } catch {
    return false;
  }
}

function withoutQuotes(line: string): string {
  return WRAPPED.test(line) ? line.slice(1, -1).replaceAll('""', '"') : line;
}

async function* bareBlocks(blocks: AsyncIterable<Block>): AsyncGenerator<Block> {
  for await (const { bytes, line } of blocks) yield { bytes: bareLines(bytes), line };
}

/** Lines without the quotes around them, in bytes. Lines that do not stand in quotes stay as they are. */
function bareLines(bytes: Uint8Array): Uint8Array {
  const bare = new Uint8Array(bytes.length);
  let length = 0;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LF, start);
    const next = found === -1 ? bytes.length : found + 1;
    let end = found === -1 ? bytes.length : found;
    if (end > start && bytes[end - 1] === CR) end--;
    const isWrapped = end - start > 1 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE;
    const line = isWrapped ? single(bytes.subarray(start + 1, end - 1)) : bytes.subarray(start, end);
    bare.set(line, length);
    length += line.length;
    bare.set(bytes.subarray(end, next), length);
    length += next - end;
    start = next;
  }
  return bare.subarray(0, length);
}

/** Doubled quotes as single ones. */
function single(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(QUOTE)) return bytes;
  let wasQuote = false;
  return bytes.filter((byte) => {
    wasQuote = byte === QUOTE && !wasQuote;
    return byte !== QUOTE || wasQuote;
  });
}
