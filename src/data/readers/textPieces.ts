/** Pieces that are held before they are put together. */
const MOST_PIECES = 1024;

/**
 * A text that is put together of many pieces in memory in proportion to its length: an engine keeps an object for every
 * piece that is added to a text by `+`, and for every place that `replace` changes in a long one.
 */
export class TextPieces {
  readonly #whole: string[] = [];
  #pieces: string[] = [];

  add(piece: string): void {
    this.#pieces.push(piece);
    if (this.#pieces.length < MOST_PIECES) return;
    this.#whole.push(this.#pieces.join(''));
    this.#pieces = [];
  }

  text(): string {
    return this.#whole.length === 0 ? this.#pieces.join('') : this.#whole.join('') + this.#pieces.join('');
  }
}
