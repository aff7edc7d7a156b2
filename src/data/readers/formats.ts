import { OptionError, shown } from '../../errors.ts';

/** The text formats that can be read; `readTable` and `readLightgcn` say what each looks like. */
export const FORMATS = ['csv', 'tsv', 'jsonl', 'recbole', 'lightgcn'] as const;

/** One of `FORMATS`. */
export type Format = (typeof FORMATS)[number];

const FORMAT_OF_ENDING: Record<string, Format> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  inter: 'recbole',
  item: 'recbole',
  txt: 'lightgcn',
};

/**
 * The format that the ending of a file name stands for.
 *
 * @throws {OptionError} if the ending is not known
 */
export function detectFormat(fileName: string): Format {
  const ending = /\.([^./\\]+)$/.exec(fileName)?.[1].toLowerCase() ?? '';
  const format = Object.hasOwn(FORMAT_OF_ENDING, ending) ? FORMAT_OF_ENDING[ending] : undefined;
  if (!format) {
    const endings = Object.keys(FORMAT_OF_ENDING).map((known) => `.${known}`);
    const problem = `expected a name that ends in ${endings.join(', ')}, received ${shown(fileName)}`;
    throw new OptionError('detectFormat', problem, `Name the format: ${FORMATS.join(', ')}`, 'format');
  }
  return format;
}

/**
 * The format that was named, or else the one detected from the file name.
 *
 * @throws {OptionError} if neither is known
 */
export function chosenFormat(format: Format | undefined, fileName: string): Format {
  if (format === undefined) return detectFormat(fileName);
  if (FORMATS.includes(format)) return format;
  const problem = `expected one of ${FORMATS.join(', ')}, received ${shown(format)}`;
  throw new OptionError('format', problem, 'Pass one of these', 'format');
}
