import { sample } from './sample.ts';
import type { SasRec } from './sasrec.ts';

/** A small model with weights that differ everywhere. */
export function smallSasRec(numItems: number, dim: number, maxLength: number, blocks = 2): SasRec {
  let phase = 0;
  const table = (rows: number, cols: number, size = 0.4) => {
    const m = sample(rows, cols, ++phase);
    return { ...m, data: m.data.map((value) => size * value) };
  };
  const ones = () => {
    const m = table(1, dim, 0.2);
    return { ...m, data: m.data.map((value) => 1 + value) };
  };
  return {
    items: table(numItems, dim, 0.8),
    positions: table(maxLength, dim, 0.3),
    gamma: ones(),
    beta: table(1, dim, 0.1),
    blocks: Array.from({ length: blocks }, () => ({
      qkv: table(3 * dim, dim),
      qkvBias: table(1, 3 * dim, 0.1),
      out: table(dim, dim),
      outBias: table(1, dim, 0.1),
      gamma1: ones(),
      beta1: table(1, dim, 0.1),
      inner: table(4 * dim, dim),
      innerBias: table(1, 4 * dim, 0.1),
      outer: table(dim, 4 * dim),
      outerBias: table(1, dim, 0.1),
      gamma2: ones(),
      beta2: table(1, dim, 0.1),
    })),
  };
}
