import type { I32Buffer } from '../runtime/buffers.ts';
import type { CsrMatrix } from '../runtime/csrMatrix.ts';
import { type Purpose, seedWords } from '../runtime/random.ts';
import type { Workspace } from '../runtime/workspace.ts';

/**
 * Negatives of interactions `first` … `first + count − 1` of an epoch's order. Users, positives and negatives are
 * nodes: items stand behind the users. See assembly/sampling.ts.
 */
export function sampleNegatives(
  ws: Workspace,
  interactions: CsrMatrix,
  users: I32Buffer<'node'>,
  positives: I32Buffer<'node'>,
  negatives: I32Buffer<'node'>,
  count: number,
  options: { verify: boolean; seed: number; purpose: Purpose; epoch: number; first: number },
): void {
  const { verify, seed, purpose, epoch, first } = options;
  const { rowPtr, colIdx, cols, rows } = interactions;
  const pairs = [users.ptr, positives.ptr, negatives.ptr, count] as const;
  const draw = [verify ? 1 : 0, ...seedWords(seed), purpose, epoch, first] as const;
  ws.wasm.sample_negatives(rowPtr.ptr, colIdx.ptr, ...pairs, cols, rows, ...draw);
}
