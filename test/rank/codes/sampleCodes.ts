import type { ItemCodes } from '../../../src/data/itemCodes.ts';

/** Codes of 20 items in three columns: prefixes of one item, of several, and equal but for the last code. */
export const CODES: ItemCodes = {
  columns: 3,
  values: Int32Array.from(
    [
      ...[
        [0, 0, 0],
        [0, 0, 1],
        [0, 0, 2],
        [0, 1, 0],
        [0, 2, 0],
        [0, 2, 1],
        [1, 3, 0],
        [2, 0, 0],
        [2, 1, 0],
      ],
      ...[
        [2, 1, 1],
        [2, 2, 0],
        [2, 3, 0],
        [3, 3, 0],
        [3, 3, 1],
        [4, 0, 0],
        [4, 2, 0],
        [4, 2, 1],
        [4, 2, 2],
      ],
      ...[
        [4, 2, 3],
        [5, 1, 0],
      ],
    ]
      // Not in the order of their codes.
      .flatMap((codes, n, all) => all[(7 * n + 3) % all.length] ?? codes),
  ),
};
