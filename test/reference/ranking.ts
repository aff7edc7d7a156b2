/**
 * The k best indices by sorting everything: score descending, ties to the lower index; masked indices are left
 * out and unused places hold -1.
 */
export function topK(scores: ArrayLike<number>, k: number, masked: Iterable<number> = []): Int32Array {
  const hidden = new Set(masked);
  const candidates = Array.from(scores, (_, index) => index).filter((index) => !hidden.has(index));
  candidates.sort((a, b) => scores[b] - scores[a] || a - b);
  const out = new Int32Array(k).fill(-1);
  out.set(candidates.slice(0, k));
  return out;
}
