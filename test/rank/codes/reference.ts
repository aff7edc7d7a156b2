import { type ItemCodes, itemTokens } from '../../../src/data/itemCodes.ts';
import { hiddenStates, type SasRec } from '../../reference.ts';

/** log p of every item behind a history, in float64, a whole pass for every item: see `CodeBeam`. */
export function exhaustiveScores(
  model: SasRec,
  { columns, values }: ItemCodes,
  history: readonly number[],
  heads: number,
): number[] {
  const tokens = itemTokens({ columns, values });
  const wordOf = (item: number) => [...tokens.subarray(item * columns, (item + 1) * columns)];
  const before = history.flatMap(wordOf);
  const items = Array.from({ length: values.length / columns }, (_, item) => item);
  return items.map((item) => {
    const word = wordOf(item);
    const hidden = hiddenStates(model, [...before, ...word.slice(0, -1)], heads);
    let sum = 0;
    for (const [column, token] of word.entries()) {
      const row = (before.length - 1 + column) * hidden.cols;
      const logit = (other: number) => {
        let dot = 0;
        for (let c = 0; c < hidden.cols; c++)
          dot += hidden.data[row + c] * model.items.data[other * hidden.cols + c];
        return dot;
      };
      const beside = items
        .map(wordOf)
        .filter((own) => own.slice(0, column).join() === word.slice(0, column).join());
      const choices = new Set(beside.map((own) => own[column]));
      const total = [...choices].reduce((all, other) => all + Math.exp(logit(other)), 0);
      sum += logit(token) - Math.log(total);
    }
    return sum;
  });
}
