/**
 * Control characters other than tab and newline, and the invisible ones that change the direction of what follows: a
 * title or a file name that holds them could move the cursor, clear the screen or show other text than it is.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with what a terminal would obey instead of show written as `\u001b` and the like. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As `printable`, on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

/** Plain text for a paragraph or a table cell of Markdown: names of files and models never become HTML or links. */
export function markdownText(text: string): string {
  const shown = printableLine(text).replace(/[\\`|]/g, (char) => `\\${char}`);
  return shown.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('](', ']\\(');
}
