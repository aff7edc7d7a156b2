import type { Tensor } from '../../format/tensor.ts';
import type { ItemMap } from './data.ts';
import { copied } from './items.ts';
import type { ItemMapPart } from './parts.ts';
import { type ContentChecks, hostTensor, type ModelSource } from './source.ts';

// - `item_map.center` F32 [width]: the mean of the text vectors, of norm 1, that training saw
// - `item_map.linear` F32 [dim, width]: the trained map from a centred vector to a row before propagation
// - `item_map.inner` F32 [hidden, width], `item_map.outer` F32 [dim, hidden]: its second branch, left out of a linear map

/** The map of a model on the host as a part of a file. */
export function itemMapPart({ center, linear, branch }: ItemMap, dim: number): ItemMapPart {
  const width = center.length;
  const hidden = branch ? branch.inner.length / width : 0;
  return {
    center: hostTensor('F32', center),
    linear: hostTensor('F32', linear, [linear.length / width, width]),
    inner: branch && hostTensor('F32', branch.inner, [hidden, width]),
    outer: branch && hostTensor('F32', branch.outer, [dim, branch.outer.length / dim]),
  };
}

/** The map as arrays of the host. */
export function itemMapOf({ center, linear, inner, outer }: ItemMapPart): ItemMap {
  return {
    center: center.data,
    linear: linear.data,
    branch: inner && outer && { inner: inner.data, outer: outer.data },
  };
}

/** The tensors of the map. */
export function itemMapTensors({ center, linear, inner, outer }: ItemMapPart): Record<string, Tensor> {
  return {
    'item_map.center': copied(center),
    'item_map.linear': copied(linear),
    ...(inner && outer && { 'item_map.inner': copied(inner), 'item_map.outer': copied(outer) }),
  };
}

/** The map; null for a model without. @throws {FormatError} when a part is missing or of another type */
export function readItemMap(source: ModelSource): ItemMapPart | null {
  if (!source.has('item_map.linear')) return null;
  const hasBranch = source.has('item_map.inner') || source.has('item_map.outer');
  return {
    center: source.tensor('item_map.center', 'F32', 1),
    linear: source.tensor('item_map.linear', 'F32', 2),
    inner: hasBranch ? source.tensor('item_map.inner', 'F32', 2) : null,
    outer: hasBranch ? source.tensor('item_map.outer', 'F32', 2) : null,
  };
}

/** What cannot be used, as "expected …, received …"; null when all can. */
export function itemMapProblem(part: ItemMapPart, checks: ContentChecks): string | null {
  for (const [name, tensor] of Object.entries(part))
    if (tensor && checks.firstNonFinite(tensor) >= 0)
      return `expected finite values in item_map.${name}, received others`;
  return null;
}
