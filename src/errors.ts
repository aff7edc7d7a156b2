/** Base of every error this package throws on purpose; `remedy` says what to do about it. */
export class LlminitError extends Error {
  readonly remedy: string;

  /**
   * @param where function or command, e.g. `selectColumns` or `reviews.csv:12`
   * @param problem what was expected and what was received
   * @param remedy what to do
   */
  constructor(where: string, problem: string, remedy: string) {
    super(`${where}: ${problem}. ${remedy}`);
    this.name = new.target.name;
    this.remedy = remedy;
  }
}

/** An option or argument outside its range: `k = 0`, an unknown strategy name. */
export class OptionError extends LlminitError {}

/** Matrices, id lists or vectors whose sizes do not fit together. */
export class ShapeError extends LlminitError {}

/** A file that is truncated, corrupt, of another version, or not of the form its name promises. */
export class FormatError extends LlminitError {}

/** Data that can be read but not used: no rating column, an unknown user, nothing left after k-core, NaN. */
export class DataError extends LlminitError {}

/** The runtime or the chosen combination of options cannot do this. */
export class UnsupportedError extends LlminitError {}

/** A job that does not fit the memory it may use. */
export class BudgetError extends LlminitError {}

/** A sentence for a value of any type, short enough for an error message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
