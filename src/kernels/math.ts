import type { F32Buffer } from '../runtime/buffers.ts';
import type { Workspace } from '../runtime/workspace.ts';

/** y ← ln x, element by element; x normal and positive; see assembly/math.ts. */
export function log(ws: Workspace, x: F32Buffer, y: F32Buffer): void {
  ws.wasm.log_f32(x.ptr, y.ptr, x.length);
}
