import { lexicalFromTensors } from '../embed/lexical/modelTensors.ts';
import { type TextTransform, textTransform } from '../embed/lexical/transform.ts';
import { DataError, OptionError, ShapeError, shown } from '../errors.ts';
import type { TextPart } from './modelFile/parts.ts';
import { copiedTensors } from './modelFile/text.ts';

/** Makes vectors of new texts, as those of a model's items were made. */
export class TextReader {
  readonly #name: string;
  readonly #part: TextPart | null;
  #transform: TextTransform | null = null;

  /** @param name the model file's, for errors */
  constructor(name: string, part: TextPart | null) {
    this.#name = name;
    this.#part = part;
  }

  /**
   * The vector of a text, or a vector that is given, checked.
   * @param what stands in errors: whose text it is
   * @throws {OptionError} for a model without text vectors, a text where only vectors can be used, and what is neither
   * @throws {DataError} for a text without a term of the catalogue, numbers that are not finite
   * @throws {ShapeError} for a vector of another width
   * @throws {UnsupportedError} where texts are cut into words otherwise than when the model was made
   * @throws {FormatError} when the file's lexical model is damaged
   */
  vectorOf(query: string | ArrayLike<number>, what: string, where: string): Float32Array {
    const part = this.#part;
    if (part === null) {
      const problem = 'expected a model with text vectors, received one without';
      throw new OptionError(where, problem, 'Train again with the texts of the items');
    }
    if (typeof query === 'string') return this.#vectorOfText(query, part, what, where);
    return checkedVector(query, part.width, what, where);
  }

  #vectorOfText(text: string, part: TextPart, what: string, where: string): Float32Array {
    if (part.lexical === null) {
      const problem = `expected a vector by ${part.encoder} for ${what}, received a text, for which the model keeps no vocabulary`;
      throw new OptionError(where, problem, 'Embed the text with it, or train again with lexical vectors');
    }
    this.#transform ??= this.#open(part);
    const vector = this.#transform(text);
    if (vector) return vector;
    const problem = `expected a text with a word of the catalogue for ${what}, received ${shown(text)}`;
    throw new DataError(where, problem, 'Use other words, or train again with the new texts');
  }

  #open({ lexical }: TextPart): TextTransform {
    const tensors = copiedTensors(lexical!);
    const file = { name: this.#name, tensors, metadata: { lexical: lexical!.options }, checked: true };
    return textTransform(lexicalFromTensors(file)!);
  }
}

function checkedVector(vector: unknown, width: number, what: string, where: string): Float32Array {
  if (typeof vector !== 'object' || vector === null || !('length' in vector)) {
    const problem = `expected a text or a vector of ${width} numbers for ${what}, received ${vector === undefined ? 'none' : shown(vector)}`;
    throw new ShapeError(where, problem, 'Pass one of them', 'vector');
  }
  const values = vector as ArrayLike<number>;
  if (values.length !== width) {
    const problem = `expected a vector of ${width} numbers for ${what}, received ${values.length} numbers`;
    throw new ShapeError(where, problem, "Use the embedder that made the model's vectors", 'vector');
  }
  const at = Array.from(values).findIndex((value) => !Number.isFinite(value));
  if (at < 0) return Float32Array.from(values);
  const problem = `expected finite numbers in the vector of ${what}, received ${values[at]} at ${at}`;
  throw new DataError(where, problem, 'Embed the text again');
}
