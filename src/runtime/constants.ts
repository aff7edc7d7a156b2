import { OptionError } from '../errors.ts';

// The twins of assembly/constants.ts, which says what each stands for.

export const PANEL_COLUMNS = 16;
export const ANCHOR_BLOCK = 64;
export const CANDIDATE_CHUNK = 512;
export const GEMM_SCRATCH_BYTES = 8192;
export const UPDATE_BLOCK_ELEMENTS = 4096;
export const SCAN_STATE_BYTES = 128;
export const SCAN_TERMS = 24;

/** Every number that the module and this package must agree on, by the name under which the module exports it. */
const AGREED: Readonly<Record<string, number>> = {
  PANEL_COLUMNS,
  ANCHOR_BLOCK,
  CANDIDATE_CHUNK,
  GEMM_SCRATCH_BYTES,
  UPDATE_BLOCK_ELEMENTS,
  SCAN_STATE_BYTES,
  SCAN_TERMS,
};

/** @throws {OptionError} naming the first number that the module was compiled with otherwise, or does not have */
export function checkConstants(exports: WebAssembly.Exports): void {
  for (const [name, expected] of Object.entries(AGREED)) {
    const found = exports[name];
    const value: unknown = found instanceof WebAssembly.Global ? found.value : undefined;
    if (value === expected) continue;
    throw new OptionError(
      'load',
      `expected kernels compiled with ${name} = ${expected}, received ${value === undefined ? 'none' : value}`,
      "Import the module from 'llminit/kernels.wasm' of the same version as the package",
    );
  }
}
