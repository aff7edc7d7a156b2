import type { ModelOptionName } from '../models/descriptor.ts';
import { describeModel, MODELS, type ModelName } from '../models/registry.ts';

/** The models that read an option. */
export function modelsWith(option: ModelOptionName): { readonly model: readonly string[] } {
  const reads = (model: ModelName) => describeModel(model).options.includes(option);
  return { model: MODELS.filter(reads) };
}
