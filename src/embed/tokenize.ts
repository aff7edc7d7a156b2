/** A letter or digit and what follows it; marks belong to the word, for scripts that write vowels with them. */
const TOKEN = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/**
 * The tokens of a text, in their order: runs of letters and digits with their combining marks, NFKC, lower-cased.
 * On ASCII text these are the runs of `[a-z0-9]+`. Runs are found before NFKC, so that `Post-it™` gives `it` and
 * not `ittm`. Scripts written without spaces (Chinese, Japanese, Thai) give long runs that seldom repeat.
 */
export function tokenize(text: string): string[] {
  return (text.match(TOKEN) ?? []).map((run) => run.normalize('NFKC').toLowerCase());
}

/** The terms of a text: its tokens, and its pairs of neighbouring tokens joined by a space. */
export function unigramsAndBigrams(text: string): string[] {
  const tokens = tokenize(text);
  return [...tokens, ...tokens.slice(1).map((token, n) => `${tokens[n]} ${token}`)];
}
