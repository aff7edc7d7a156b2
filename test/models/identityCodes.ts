import type { ItemCodes } from '../../src/data/itemCodes.ts';
import type { ModelOptions } from '../../src/models/descriptor.ts';
import { describeModel, type ModelName } from '../../src/models/registry.ts';

/** The options of a model that reads codes, with which items are tokens: a code for each, and a last one that all share. */
export function codesFor(model: ModelName, numItems: number): Pick<ModelOptions, 'codes'> {
  if (!describeModel(model).options.includes('codes')) return {};
  const values = Int32Array.from({ length: 2 * numItems }, (_, at) => (at % 2 === 0 ? at / 2 : 0));
  const codes: ItemCodes = { columns: 2, values };
  return { codes };
}
