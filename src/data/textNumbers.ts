/** Engines refuse more than 2²⁴ entries in one map. */
const MOST_IN_A_MAP = 2 ** 23;

/** Numbers of texts, any number of them: a map that goes on in another one where it is full. */
export class TextNumbers {
  readonly #maps: Map<string, number>[] = [new Map()];
  readonly #mostInMap: number;

  /** @param mostInMap entries of one map */
  constructor(mostInMap = MOST_IN_A_MAP) {
    this.#mostInMap = mostInMap;
  }

  get(text: string): number | undefined {
    for (const map of this.#maps) {
      const number = map.get(text);
      if (number !== undefined) return number;
    }
    return undefined;
  }

  /** Gives a text that has none its number. */
  add(text: string, number: number): void {
    let last = this.#maps[this.#maps.length - 1];
    if (last.size === this.#mostInMap) {
      last = new Map();
      this.#maps.push(last);
    }
    last.set(text, number);
  }
}
