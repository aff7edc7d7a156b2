import type { F32Buffer, Matrix } from '../runtime/buffers.ts';
import { evenChunks } from '../runtime/rowJobs.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { sameWidth } from './layout.ts';

const ROWS = 64;
/** What an element costs, in multiplications. */
const WORK = 20;

/** x ← x + bias, out ← GELU(x) = x Φ(x), by the error function, for the first `count` rows. bias [stride] is 0 behind dim. */
export function gelu(ws: Workspace, x: Matrix, count: number, bias: F32Buffer, out: Matrix): void {
  sameWidth('gelu', x, out);
  const args = [x.ptr, bias.ptr, x.stride, out.ptr, 0, 0];
  ws.run({
    ...{ kernel: 'gelu_f32', args, beginAt: 4, chunks: evenChunks(count, ROWS), scratch: [] },
    work: WORK * count * x.dim,
  });
}

/** d ← d · (Φ(x) + x φ(x)) for the first `count` rows; x as `gelu` leaves it. */
export function geluBackward(ws: Workspace, d: Matrix, x: Matrix, count: number): void {
  sameWidth('geluBackward', x, d);
  ws.run({
    ...{ kernel: 'gelu_backward_f32', args: [d.ptr, x.ptr, x.stride, 0, 0], beginAt: 3 },
    ...{ chunks: evenChunks(count, ROWS), scratch: [], work: WORK * count * x.dim },
  });
}
