import { instance } from '../options/builders.ts';
import type { Runtime } from './load.ts';

/** The option `runtime` of everything that computes. */
export const RUNTIME = instance<Runtime>(
  'a runtime of load() or loadThreads()',
  (value) => typeof (value as Partial<Runtime>).open === 'function' && 'maxMemoryBytes' in value,
  { about: 'the kernels to compute with', defaultText: 'await load()' },
);
