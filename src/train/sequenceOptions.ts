import type { ItemCodes } from '../data/itemCodes.ts';
import { crc32 } from '../format/crc32.ts';
import { SEQUENCE_LOSSES } from '../models/sequences/losses.ts';
import { instance, integer, number, oneOf } from '../options/builders.ts';
import { isInt32Array } from '../options/kinds.ts';
import { modelsWith } from './readBy.ts';

const RECBOLE = "RecBole's SASRec";

/** The options of `fit` that models of sequences read. */
export const SEQUENCE_OPTIONS = {
  heads: integer({
    ...{ about: 'of attention, a divisor of dim', flag: '--heads <n>', min: 1, source: RECBOLE },
    ...{ defaultText: '2; 1 where dim is odd', readBy: modelsWith('heads') },
  }),
  maxLength: integer({
    ...{ about: 'items of a history that are read, the last so many', flag: '--max-length <n>', min: 1 },
    ...{ default: 50, source: RECBOLE, readBy: modelsWith('maxLength') },
  }),
  hiddenDropout: number({
    ...{ about: 'share of hidden values that are dropped', flag: '--hidden-dropout <number>', min: 0 },
    ...{ below: 1, defaultText: '0.5; 0.1 for tiger', source: `${RECBOLE}; Rajput et al. 2023` },
    readBy: modelsWith('hiddenDropout'),
  }),
  sequenceLoss: oneOf(SEQUENCE_LOSSES, {
    ...{ about: 'of the next item: against all items, or one drawn', flag: '--sequence-loss <name>' },
    ...{ default: 'cross-entropy', source: RECBOLE, readBy: modelsWith('sequenceLoss') },
  }),
  beams: integer({
    ...{ about: 'prefixes of codes that are followed at a time', flag: '--beams <n>', min: 1 },
    ...{ default: 20, readBy: modelsWith('beams') },
  }),
  codes: instance<ItemCodes>('codes of items', isItemCodes, {
    about: 'semantic ids of the items',
    affectsResult: true,
    fingerprint: ({ columns, values }) => ({ columns, values: crc32(bytesOf(values)) }),
    readBy: modelsWith('codes'),
  }),
};

function isItemCodes(value: object): boolean {
  const { columns, values } = value as Partial<ItemCodes>;
  return Number.isSafeInteger(columns) && isInt32Array(values);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
