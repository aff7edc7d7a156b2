import { TEXT, TEXTS } from '../../options/arguments.ts';
import { boolean, instance, nullable, oneOf } from '../../options/builders.ts';
import type { DescriptorsOf } from '../../options/descriptor.ts';
import { SIGNAL } from '../../options/kinds.ts';
import { FORMATS } from './formats.ts';
import { OWN_FORMAT } from './ownFormat.ts';
import type { TableOptions } from './readTable.ts';
import type { OnBadLine } from './report.ts';
import type { ColumnName } from './roles.ts';

/** A text, which may be a blank: the name of a file, a delimiter. */
const written = (about: string) => instance<string>('a text', TEXT.is, { about });
const writtenList = (about: string) => instance<readonly string[]>('a list of texts', TEXTS.is, { about });

/** The name of what is read. */
export const NAME = written('stands in messages; usually the file name');

const NAMED_FORMAT = oneOf(FORMATS, {
  ...{ about: 'what the file is', defaultText: 'by what it holds' },
});

/** Options of everything that reads a table. */
export const TABLE_OPTIONS: DescriptorsOf<TableOptions> = {
  format: {
    ...NAMED_FORMAT,
    check: (value, name, where) => (OWN_FORMAT.is(value) ? value : NAMED_FORMAT.check(value, name, where)),
  },
  delimiter: written('between fields'),
  header: boolean({ about: 'whether the first line names the columns' }),
  encoding: written('by a name of the WHATWG Encoding Standard'),
  decimal: oneOf(['.', ','], { about: 'what stands before decimals' }),
  member: written('which file of an archive is meant'),
  signal: SIGNAL,
};

/** Options of readers of rows with ids. */
export const ROW_OPTIONS = {
  missingValues: writtenList('spellings of a missing id'),
  onBadLine: oneOf<OnBadLine>(['error', 'skip'], { about: 'what to do about a line that cannot be used' }),
};

/** A column by its name, or by its number from 1. */
export const COLUMN = instance<ColumnName>('a column by its name, or its number from 1', isColumn, {
  about: 'which column',
});
export const COLUMN_OR_NONE = nullable(COLUMN);

/** Columns by name or number. */
export const COLUMNS = instance<readonly ColumnName[]>(
  'a list of columns',
  (value) => Array.isArray(value) && value.every(isColumn),
  { about: 'which columns' },
);

/** Values that are liked. */
export const LIKED = writtenList('values that are liked');

/** What stands between the items of one cell. */
export const ITEM_SEPARATOR = written('between the items of one cell');

function isColumn(value: unknown): boolean {
  return typeof value === 'string' || (Number.isSafeInteger(value) && (value as number) >= 1);
}
