import { callback, instance } from './builders.ts';

// Values are told by what they have, not by `instanceof`, which fails for those of another realm or copy of a class.

/** Whether a value is a Float32Array. */
export function isFloat32Array(value: unknown): value is Float32Array {
  return Object.prototype.toString.call(value) === '[object Float32Array]';
}

/** Whether a value is an Int32Array. */
export function isInt32Array(value: unknown): value is Int32Array {
  return Object.prototype.toString.call(value) === '[object Int32Array]';
}

/** The option `signal` of everything that can be stopped. */
export const SIGNAL = instance<AbortSignal>(
  'an AbortSignal',
  (value) => typeof (value as Partial<AbortSignal>).aborted === 'boolean',
  { about: 'stops the work; the promise then rejects with its reason' },
);

/** The option `onProgress` of everything that takes long. */
export function progressOption<Event>() {
  return callback<(event: Event) => void>('called as the work goes on');
}
