import { codeVocabulary, commonPrefix, type ItemCodes, itemsByCodes } from '../../data/itemCodes.ts';

/** The prefixes of one length: node n stands for the items `items[begin[n]] … items[begin[n + 1] − 1]`. */
export interface TrieLevel {
  readonly count: number;
  /** The last code of each prefix, as a token. */
  readonly tokens: Int32Array;
  /** [count + 1] */
  readonly begin: Int32Array;
  /** [count + 1]: the nodes of the next level that go on from here; empty on the last level. */
  readonly children: Int32Array;
}

/** All prefixes of a catalogue's codes: what may follow one is what an item has. */
export class CodeTrie {
  /** Items in ascending order of their codes. */
  readonly items: Int32Array;
  readonly levels: readonly TrieLevel[];

  /** @param present whether an item is one of the catalogue; default: all are */
  constructor(codes: ItemCodes, present: (item: number) => boolean = () => true) {
    const { columns, values } = codes;
    const { offsets } = codeVocabulary(codes);
    const items = itemsByCodes(codes).filter(present);
    /** Where each item parts from the one before it. */
    const parts = items.map((item, n) => (n === 0 ? -1 : commonPrefix(values, columns, items[n - 1], item)));
    const starts = Array.from({ length: columns }, (_, level) =>
      Int32Array.from([...parts.keys()].filter((n) => parts[n] <= level)),
    );
    this.items = items;
    this.levels = starts.map((own, level) => {
      const begin = Int32Array.from([...own, items.length]);
      return {
        count: own.length,
        tokens: own.map((n) => offsets[level] + values[items[n] * columns + level]),
        begin,
        children: level + 1 < columns ? placesOf(begin, starts[level + 1]) : new Int32Array(0),
      };
    });
  }

  get numItems(): number {
    return this.items.length;
  }

  /** Prefixes that more than one item has, on the level with the most of them. */
  get mostOpen(): number {
    return this.levels.reduce((most, { begin }) => {
      let open = 0;
      for (let n = 0; n + 1 < begin.length; n++) if (begin[n + 1] - begin[n] > 1) open++;
      return Math.max(most, open);
    }, 0);
  }
}

/** Where each of some ascending numbers, or the end, stands in a longer list that has them. */
function placesOf(numbers: Int32Array, list: Int32Array): Int32Array {
  let at = 0;
  return numbers.map((number) => {
    while (at < list.length && list[at] < number) at++;
    return at;
  });
}
