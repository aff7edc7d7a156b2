import { BudgetError, shown, UnsupportedError } from '../errors.ts';

/** The error for a host that does not compile the kernels, with what to do about its reason. */
export function compileRefusal(cause: unknown): UnsupportedError {
  const reason = cause instanceof Error ? cause.message : shown(cause);
  const error = new UnsupportedError(
    'load',
    `this host did not compile the kernels (${reason})`,
    remedyFor(reason),
  );
  error.cause = cause;
  return error;
}

function remedyFor(reason: string): string {
  // Chromium, WebKit and Firefox, in this order; all of them in pages and in extensions.
  if (/content security policy|unsafe-eval|blocked by CSP/i.test(reason)) {
    return "The Content Security Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src; in the manifest of a browser extension that is content_security_policy.extension_pages: \"script-src 'self' 'wasm-unsafe-eval'\"";
  }
  // workerd and the edge runtimes built on it.
  if (/embedder/i.test(reason)) {
    return "Bytes must not be compiled here: let the bundler see the export condition of the host (workerd, edge-light), or pass { module } imported from 'llminit/kernels.wasm'";
  }
  return "It needs WebAssembly SIMD (Node 20, Chrome 91, Firefox 89, Safari 16.4 or later); where compiling bytes is forbidden, pass { module } imported from 'llminit/kernels.wasm'";
}

/** The error for a host that has no memory for another job; any other error unchanged. */
export function memoryRefusal(job: string, cause: unknown): unknown {
  // Chromium says `RangeError: WebAssembly.Instance(): Out of memory`, others name the memory or the allocation.
  if (!(cause instanceof RangeError)) return cause;
  const error = new BudgetError(
    job,
    `expected memory from the host, received ${cause.message}`,
    'Close recommenders and runtimes that are no longer needed; a page has room for about a hundred at a time',
  );
  error.cause = cause;
  return error;
}
