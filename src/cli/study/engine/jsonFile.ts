import { existsSync } from 'node:fs';
import { parseJson } from '../../../format/json.ts';
import { DataError, FormatError } from '../../../index.ts';
import { readBytes } from '../../../node.ts';

/** Bytes that one string of the engine holds at most. */
const LONGEST = 2 ** 29 - 24;

/**
 * The JSON in a file, whatever it is; undefined where the file is missing or holds something else.
 * @throws {DataError} for a file that cannot be read, or is longer than a text may be
 * @throws {FormatError} for JSON that nests too deep to be walked
 */
export async function jsonFile(path: string): Promise<unknown> {
  if (!existsSync(path)) return undefined;
  const bytes = await readBytes(path);
  if (bytes.length > LONGEST) {
    const problem = `expected a file of at most ${LONGEST} bytes, received ${bytes.length}`;
    throw new DataError(path, problem, 'Go on in another file');
  }
  try {
    return parseJson(new TextDecoder().decode(bytes), path);
  } catch (error) {
    if (error instanceof FormatError && error.message.includes('nests at most')) throw error;
    return undefined;
  }
}
