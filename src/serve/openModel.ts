import { OptionError, shown, UnsupportedError } from '../errors.ts';
import type { Runtime } from '../runtime/load.ts';
import { Catalogue } from './catalogue.ts';
import { ImageWriter } from './imageWriter.ts';
import { readModel } from './modelFile/decode.ts';
import { itemMapOf } from './modelFile/itemMap.ts';
import type { FactorsPart, ModelParts, RowsPart, SequencePart, TextPart } from './modelFile/parts.ts';
import type { ImageTensor, ModelImage } from './modelImage.ts';
import { codesOf, People } from './people.ts';
import { FactorTable, type IndexChoice } from './scoring/factorTable.ts';
import { LivingInverse } from './scoring/livingInverse.ts';
import { ModelScorer } from './scoring/modelScorer.ts';
import { RowTable } from './scoring/rowTable.ts';
import { Segment } from './scoring/segment.ts';
import type { SequenceReading, SequenceSupport } from './sequences.ts';
import type { ServingState } from './servingState.ts';
import { TextReader } from './textReader.ts';

/** A model that is open, and the parts of its file. */
export interface OpenModel {
  readonly state: ServingState;
  readonly parts: ModelParts;
  readonly image: ModelImage;
  readonly texts: TextReader;
}

/**
 * A model file as an image in memory. The bytes are copied.
 * @throws {FormatError} when they are not an intact model file
 * @throws {OptionError} when they are no bytes
 * @throws {BudgetError} when the model does not fit the runtime's memory
 */
export function imageOf(bytes: Uint8Array | ArrayBuffer, name: string, runtime: Runtime): ModelImage {
  const view = bytesOf(bytes);
  const writer = new ImageWriter(runtime, name, view.length);
  try {
    writer.push(view);
    return writer.finish();
  } catch (error) {
    writer.abort();
    throw error;
  }
}

/** @throws {OptionError} for what is no bytes */
export function bytesOf(bytes: unknown): Uint8Array {
  // By tag rather than instanceof, so that arrays of another realm (a worker, an iframe) are accepted.
  const tag = Object.prototype.toString.call(bytes).slice(8, -1);
  if (tag === 'Uint8Array') return bytes as Uint8Array;
  if (tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer') return new Uint8Array(bytes as ArrayBuffer);
  const problem = `expected the model file's bytes, received ${shown(bytes)}`;
  throw new OptionError('Recommender.open', problem, 'Pass a Uint8Array or an ArrayBuffer');
}

/**
 * Opens an image; on an error its memory is given back.
 * @throws {FormatError} for contents that cannot be used
 * @throws {UnsupportedError} for a model of sequences without what reads it
 */
export function openModel(image: ModelImage, index: IndexChoice, sequences?: SequenceSupport): OpenModel {
  try {
    const parts = readModel(image);
    const { memory, name } = image;
    const catalogue = new Catalogue(image, parts.items);
    const people = new People(image, parts.users, parts.factors);
    const factors = parts.factors && factorTable(image, parts.factors, catalogue.numItems, index);
    const scorer = new ModelScorer(
      memory,
      {
        factors,
        rows: parts.rows && rowTable(image, parts, parts.rows, catalogue),
        itemScores: parts.itemScores && new Float32Array(parts.itemScores.data),
        sequence: parts.sequence && readingOf(name, parts.sequence, factors!, sequences),
      },
      parts.blend,
      () => catalogue.numItems,
    );
    const text = parts.text && textTable(image, parts.text, catalogue.numItems);
    const itemMap = parts.itemMap && itemMapOf(parts.itemMap);
    return {
      state: { name, memory, catalogue, people, scorer, text, itemMap },
      parts,
      image,
      texts: new TextReader(name, parts.text),
    };
  } catch (error) {
    image.memory.close();
    throw error;
  }
}

function readingOf(
  name: string,
  part: SequencePart,
  factors: FactorTable,
  sequences: SequenceSupport | undefined,
): SequenceReading {
  if (sequences) return sequences.open(part, (item) => factors.row(item));
  const problem = 'expected sequences beside a model that reads histories in order, received none';
  const remedy = "Pass sequences: new Sequences(await load()), both of 'llminit/sequences'";
  throw new UnsupportedError(name, problem, remedy);
}

function rowTable(
  { memory }: ModelImage,
  { inverse }: ModelParts,
  part: RowsPart,
  { ids, numItems }: Catalogue,
): RowTable {
  if (!inverse) return new RowTable(memory, part, numItems);
  const living = new LivingInverse(memory, inverse, numItems, (item) => ids.isPresent(item));
  return new RowTable(memory, part, numItems, living, inverse.placed);
}

function factorTable(
  { memory }: ModelImage,
  part: FactorsPart,
  numItems: number,
  index: IndexChoice,
): FactorTable {
  const { dim, items, itemCodes } = part;
  const table = items && (items as ImageTensor).table;
  // Without errors codes bound nothing: beside rows they are made anew.
  const errors = itemCodes?.errors as ImageTensor<'F32'> | null | undefined;
  const codes = itemCodes && (errors || !table) ? codesOf(itemCodes, errors) : null;
  return new FactorTable(memory, new Segment(memory, 0, numItems, dim, table, codes), index);
}

function textTable({ memory }: ModelImage, part: TextPart, numItems: number): FactorTable {
  return new FactorTable(memory, new Segment(memory, 0, numItems, part.width, null, codesOf(part)), 'auto');
}
