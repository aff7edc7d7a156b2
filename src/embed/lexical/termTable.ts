import { TextNumbers } from '../../data/textNumbers.ts';

/** Distinct terms with the numbers of texts that have them. Texts come one after the other. */
export class TermTable {
  /** In the order of first appearance; a term's number is its place. */
  readonly terms: string[] = [];
  readonly #numbers = new TextNumbers();
  /** For each term, how many texts have it. */
  readonly frequency: number[] = [];
  readonly #lastText: number[] = [];

  /** The number of a term of text `text`; a term that is new gets the next one. */
  add(term: string, text: number): number {
    let number = this.#numbers.get(term);
    if (number === undefined) {
      number = this.terms.length;
      this.#numbers.add(term, number);
      this.terms.push(term);
      this.frequency.push(0);
      this.#lastText.push(-1);
    }
    if (this.#lastText[number] !== text) {
      this.#lastText[number] = text;
      this.frequency[number]++;
    }
    return number;
  }

  /** Number of a term, or undefined. */
  find(term: string): number | undefined {
    return this.#numbers.get(term);
  }
}
