import { FormatError } from '../../errors.ts';
import { MAX_JSON_DEPTH, nestsDeeper } from '../../format/json.ts';
import { eachLine, textOf } from './blocks.ts';
import type { FormatInput } from './formats.ts';
import { ObjectRows } from './jsonRows.ts';
import { parsePythonLiteral } from './pythonLiteral.ts';

/** Reads one JSON object a line. */
export async function readJsonLines(input: FormatInput): Promise<string> {
  await eachValue(input, parseJson, 'a JSON object');
  return 'JSON lines';
}

/** Reads one Python literal a line, as `print(dict)` writes it. */
export async function readPythonLines(input: FormatInput): Promise<string> {
  await eachValue(input, (text) => parsePythonLiteral(text, input.counter.name), 'a Python dict');
  return 'Python literals, one a line';
}

async function eachValue(
  { blocks, sink, counter, hints }: FormatInput,
  parse: (text: string) => unknown,
  expected: string,
): Promise<void> {
  const rows = new ObjectRows(sink, counter, expected, hints);
  for await (const block of blocks) {
    eachLine(textOf(block, counter.name), (text, index) => {
      if (text.trim() !== '') rows.take(valueOrNone(text, parse), block.line + index, text);
    });
  }
  rows.end();
}

function valueOrNone(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** A string that is not closed goes to the end, so that no other match is tried within it. */
const STRING_OR_CONSTANT = /("(?:[^"\\]+|\\[\s\S])*"?)|-?\b(?:NaN|Infinity)\b/g;

/**
 * The value of a JSON text, in which NaN and Infinity may stand, as Python's json writes them: NaN is null, and an
 * infinity is one.
 *
 * @throws {SyntaxError} if it is no JSON
 * @throws {FormatError} if it nests deeper than `MAX_JSON_DEPTH`
 */
export function parseJson(text: string): unknown {
  // A line of fewer brackets cannot nest too deep; most lines have one.
  if (hasBrackets(text, MAX_JSON_DEPTH + 1) && nestsDeeper(text))
    throw new FormatError('JSON', `expected at most ${MAX_JSON_DEPTH} levels`, 'Flatten the value');
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  const plain = text.replace(STRING_OR_CONSTANT, (found, string: string | undefined) => {
    if (string !== undefined) return string;
    if (found.endsWith('NaN')) return 'null';
    return found.startsWith('-') ? '-1e999' : '1e999';
  });
  return JSON.parse(plain);
}

/** Whether so many brackets open in a text. */
function hasBrackets(text: string, most: number): boolean {
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1))
      if (--most === 0) return true;
  }
  return false;
}
