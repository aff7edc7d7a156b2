import { checkArgument, TEXT } from '../../options/arguments.ts';
import type { ClosedModelDescriptor } from './descriptor.ts';
import { easeModel } from './ease.ts';
import { itemKnnModel } from './itemKnn.ts';
import { l3aeModel } from './l3aeModel.ts';
import { popularityModel } from './popularity.ts';
import { svdModel } from './svd.ts';
import { textOnlyModel } from './textOnly.ts';

/** The models without epochs, in the order in which they are listed. A new one is a line here. */
const CLOSED_FORMS = [popularityModel, itemKnnModel, easeModel, svdModel, textOnlyModel, l3aeModel] as const;

/**
 * One of `CLOSED_MODELS`.
 *
 * @example
 * const model: ClosedModelName = 'ease';
 * const trained = await train({ split }, { model });
 */
export type ClosedModelName = (typeof CLOSED_FORMS)[number]['name'];

/**
 * The names of the models without epochs.
 *
 * @example
 * CLOSED_MODELS.includes('ease'); // → true
 */
export const CLOSED_MODELS: readonly ClosedModelName[] = CLOSED_FORMS.map(({ name }) => name);

/** Those among them whose rows come from an inverse that a model file can keep. */
export const INVERTED: readonly ClosedModelName[] = CLOSED_FORMS.filter(
  (model: ClosedModelDescriptor) => model.inverse !== undefined,
).map(({ name }) => name);

/**
 * What is known of a model without epochs; undefined for a name that is none.
 *
 * @example
 * findClosedModel('l3ae')?.vectors; // → 'optional'
 */
export function findClosedModel(name: string): ClosedModelDescriptor<ClosedModelName> | undefined {
  checkArgument(TEXT, name, 'name', 'findClosedModel');
  return CLOSED_FORMS.find((model) => model.name === name);
}
