import { OptionError } from '../errors.ts';

// The twins of assembly/constants.ts, which says what each stands for.

export const PANEL_COLUMNS = 16;
export const NARROW_PANEL_COLUMNS = 8;
export const ANCHOR_BLOCK = 64;
export const CANDIDATE_CHUNK = 512;
export const GEMM_SCRATCH_BYTES = 8192;
export const UPDATE_BLOCK_ELEMENTS = 4096;
export const FILTER_LENGTH = 8000;
export const FILTER_OPERANDS = 7;
export const TILE_WORDS = 272;

/** Every number that the module and this package must agree on, by the name under which the module exports it. */
const AGREED: Readonly<Record<string, number>> = {
  PANEL_COLUMNS,
  NARROW_PANEL_COLUMNS,
  ANCHOR_BLOCK,
  CANDIDATE_CHUNK,
  GEMM_SCRATCH_BYTES,
  UPDATE_BLOCK_ELEMENTS,
  FILTER_LENGTH,
  FILTER_OPERANDS,
  TILE_WORDS,
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
