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
 * Visits the tokens of a text, in their order: runs of letters and digits with their combining marks, NFKC, lower-cased,
 * cut where a script without spaces begins or ends. On ASCII text these are the runs of `[a-z0-9]+`. They are found
 * before NFKC, so that `Post-it™` gives `it` and not `ittm`.
 * @param visit receives a word, or a run of a script that is written without spaces
 */
export function eachToken(text: string, visit: (token: string, isRun: boolean) => void): void {
  for (const [found] of text.matchAll(WORD)) {
    const word = isAscii(found) ? found.toLowerCase() : found.normalize('NFKC').toLowerCase();
    if (mayHoldRun(word)) cutRuns(word, visit);
    else visit(word, false);
  }
}

/** The characters of a run, each with the marks that stand on it. */
export function charactersOf(run: string): IterableIterator<RegExpMatchArray> {
  return run.matchAll(/\P{M}\p{M}*|\p{M}+/gu);
}

function cutRuns(word: string, visit: (token: string, isRun: boolean) => void): void {
  let end = 0;
  for (const { 0: run, index } of word.matchAll(RUN)) {
    if (index > end) visit(word.slice(end, index), false);
    visit(run, true);
    end = index + run.length;
  }
  if (end < word.length) visit(word.slice(end), false);
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

function mayHoldRun(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= FIRST_OF_RUNS) return true;
  return false;
}
