/** A word, or a run of a script that is written without spaces. */
export interface Token {
  readonly text: string;
  readonly isRun: boolean;
}

/** A letter or digit and what follows it; marks belong to the word, for scripts that write vowels with them. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/**
 * Characters of scripts written without spaces: Thai, Lao, Myanmar, Khmer, Tai Lue, kana and Han. Spelled out, since
 * `\p{Script}` grows with the Unicode version of the engine.
 */
const RUN =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1980-\u19df\u2e80-\u2fdf\u3005-\u3007\u3021-\u3035\u3038-\u303b\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\u{1b000}-\u{1b16f}\u{20000}-\u{3ffff}]+/gu;

/** The first character that may belong to a run. */
const FIRST_OF_RUNS = 0x0e00;

/**
 * The tokens of a text, in their order: runs of letters and digits with their combining marks, NFKC, lower-cased, cut
 * where a script without spaces begins or ends. On ASCII text these are the runs of `[a-z0-9]+`. They are found
 * before NFKC, so that `Post-it™` gives `it` and not `ittm`.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const found of text.match(WORD) ?? []) {
    const word = isAscii(found) ? found.toLowerCase() : found.normalize('NFKC').toLowerCase();
    if (mayHoldRun(word)) tokens.push(...cutRuns(word));
    else tokens.push({ text: word, isRun: false });
  }
  return tokens;
}

/** The characters of a run, each with the marks that stand on it. */
export function charactersOf(run: string): string[] {
  return run.match(/\P{M}\p{M}*|\p{M}+/gu) ?? [];
}

function cutRuns(word: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const { 0: run, index } of word.matchAll(RUN)) {
    if (index > end) tokens.push({ text: word.slice(end, index), isRun: false });
    tokens.push({ text: run, isRun: true });
    end = index + run.length;
  }
  if (end < word.length) tokens.push({ text: word.slice(end), isRun: false });
  return tokens;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

function mayHoldRun(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= FIRST_OF_RUNS) return true;
  return false;
}
