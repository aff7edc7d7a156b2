import { OptionError, shown } from '../errors.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';
import type { EmbedderDescriptor } from './descriptor.ts';
import { vectorsFile } from './fileEmbedder.ts';
import { http } from './http/httpEmbedder.ts';
import { images } from './images/imageEmbedder.ts';
import { lexical } from './lexical/lexicalEmbedder.ts';
import { namedEncoders } from './namedEncoders.ts';
import { transformers } from './transformers/transformersEmbedder.ts';

/**
 * The embedders that can be named, in the order in which they are listed. A new one is a line here.
 *
 * @example
 * console.log(EMBEDDERS.map(({ name }) => name));
 */
export const EMBEDDERS: readonly EmbedderDescriptor[] = [
  ...[lexical, transformers, namedEncoders],
  ...[http, images, vectorsFile],
];

/**
 * The kind of embedder that `what` names.
 * @param where stands in the message, e.g. a flag
 * @throws {OptionError} when no kind is meant, listing all
 * @example
 * describeEmbedder('lexical').name; // → 'lexical'
 */
export function describeEmbedder(what: string, where = 'describeEmbedder'): EmbedderDescriptor {
  checkArgument(TEXT, where, 'where', 'describeEmbedder');
  const found = typeof what === 'string' && EMBEDDERS.find((embedder) => embedder.matches(what));
  if (found) return found;
  const problem = `expected ${EMBEDDERS.map(({ written }) => written).join(', ')}, received ${shown(what)}`;
  throw new OptionError(where, problem, 'Pass one of them', 'embedder');
}
