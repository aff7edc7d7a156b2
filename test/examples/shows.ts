import { inspect } from 'node:util';

/** Holds a value against what an example says behind `// →`. @throws {Error} where they differ */
export function shows(value: unknown, said: string): void {
  const text = inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: null });
  if (plain(text) !== plain(said)) throw new Error(`expected ${said}, the example gives ${text}`);
}

/** Without blanks, and without the type in front of an array or a map. */
function plain(text: string): string {
  return text.replace(/(\b\w+\(\d+\) |\[Object: null prototype\] )(?=[[{])/g, '').replace(/\s+/g, '');
}
