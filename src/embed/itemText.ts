import { OptionError, shown } from '../errors.ts';
import { checkArgument, TEXT } from '../options/arguments.ts';

/** Scripts and styles with what they hold, comments, tags. A `<` that no name follows is a sign like any other. */
const HIDDEN = /<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi;
const TAG = /<\/?[a-z][^<>]*>/gi;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]\w{1,7}));/gi;
/** Entities may be escaped themselves, as in `&amp;quot;`. */
const MOST_ESCAPES = 2;
/** A list of texts as Python and JSON write it. */
const LIST = /^\[\s*(?:'|")[\s\S]*(?:'|")\s*,?\s*\]$/;
const LIST_ENTRY = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g;

/** The letters of Latin-1 from À on, by their names in HTML. */
const LETTERS =
  'Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
    .split(' ')
    .map((name, n): [string, string] => [name, String.fromCharCode(0xc0 + n)]);

const NAMED = new Map<string, string>([
  ...LETTERS,
  ...([
    ['amp', '&'],
    ['lt', '<'],
    ['gt', '>'],
    ['quot', '"'],
    ['apos', "'"],
    ['nbsp', ' '],
    ['copy', '©'],
    ['reg', '®'],
    ['trade', '™'],
    ['deg', '°'],
    ['hellip', '…'],
    ['ndash', '–'],
    ['mdash', '—'],
    ['lsquo', '‘'],
    ['rsquo', '’'],
    ['ldquo', '“'],
    ['rdquo', '”'],
    ['bull', '•'],
    ['middot', '·'],
    ['frac12', '½'],
    ['frac14', '¼'],
    ['frac34', '¾'],
    ['euro', '€'],
    ['pound', '£'],
  ] as const),
]);

/**
 * A text of a catalogue as an encoder should read it: without HTML, its entities resolved, a list of texts joined by
 * commas, halves of UTF-16 pairs replaced by U+FFFD, blanks single.
 *
 * @example
 * cleanText('<p>Oak &amp; ash</p>'); // → 'Oak & ash'
 */
export function cleanText(text: string): string {
  checkArgument(TEXT, text, 'text', 'cleanText');
  const joined = LIST.test(text) ? joinList(text) : text;
  const bare = withoutTags(joined);
  const whole = bare.replace(/\p{Surrogate}/gu, '\ufffd');
  return whole.replace(/\s+/g, ' ').trim();
}

/**
 * How the columns of an item make up its text.
 *
 * @example
 * const template: TextTemplate = textTemplate('{title}, {brand}');
 * template.columns; // → ['title', 'brand']
 */
export interface TextTemplate {
  /** The columns it names, each once, in order of appearance. */
  readonly columns: readonly string[];
  /** The text of the values of these columns, in their order. */
  compose(values: readonly string[]): string;
}

/**
 * A template like `{title}. {category}. {brand}`. What stands after a column belongs to it and goes with it where it is
 * blank; a text of blank columns only is blank. `{{` and `}}` are braces.
 *
 * @throws {OptionError} without a column, or with a brace that has no partner
 * @example
 * const { columns, compose } = textTemplate('{title} by {brand}');
 * compose(['Chair', 'Oakley']); // → 'Chair by Oakley'
 */
export function textTemplate(template: string): TextTemplate {
  checkArgument(TEXT, template, 'template', 'textTemplate');
  const parts = template.split(/(\{\{|\}\}|\{[^{}]+\})/);
  const columns: string[] = [];
  const pieces: { readonly column: number; text: string }[] = [{ column: -1, text: '' }];
  for (const part of parts) {
    const name = /^\{([^{}]+)\}$/.exec(part)?.[1].trim();
    if (name) {
      if (!columns.includes(name)) columns.push(name);
      pieces.push({ column: columns.indexOf(name), text: '' });
    } else {
      if (/[{}]/.test(part) && part !== '{{' && part !== '}}') throw wrongTemplate(template);
      pieces[pieces.length - 1].text += part === '{{' || part === '}}' ? part[0] : part;
    }
  }
  if (columns.length === 0) throw wrongTemplate(template);
  const [before, ...fields] = pieces;
  return {
    columns,
    compose(values) {
      const kept = fields.filter(({ column }) => values[column].trim() !== '');
      if (kept.length === 0) return '';
      return (before.text + kept.map(({ column, text }) => values[column].trim() + text).join('')).trim();
    },
  };
}

function wrongTemplate(template: string): OptionError {
  const problem = `expected a template with columns in braces, received ${shown(template)}`;
  return new OptionError('text', problem, 'Write for instance "{title}. {category}"', 'text');
}

function withoutTags(text: string): string {
  if (!/[<&]/.test(text)) return text;
  let bare = text;
  for (let pass = 0; pass <= MOST_ESCAPES && /[<&]/.test(bare); pass++)
    bare = bare.replace(HIDDEN, ' ').replace(TAG, ' ').replace(ENTITY, characterOf);
  return bare.replace(TAG, ' ');
}

function characterOf(entity: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return NAMED.get(name) ?? entity;
  const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}

function joinList(text: string): string {
  const entries = Array.from(text.matchAll(LIST_ENTRY), ([, single, double]) => single ?? double);
  return entries.map((entry) => entry.replace(/\\(['"\\/])/g, '$1').replace(/\\[nrt]/g, ' ')).join(', ');
}
