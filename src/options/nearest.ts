/** The name that a misspelled one stands for most likely; null where none is near: at most a third of its letters off. */
export function nearestName(misspelled: string, names: readonly string[]): string | null {
  const given = misspelled.toLowerCase();
  let nearest: string | null = null;
  let least = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(given, name.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

/** `Did you mean pca?` for a misspelled name, or what to do instead where none is near. */
export function didYouMean(misspelled: unknown, names: readonly string[], otherwise: string): string {
  const nearest = typeof misspelled === 'string' ? nearestName(misspelled, names) : null;
  return nearest === null ? otherwise : `Did you mean ${nearest}?`;
}

/** Letters to insert, delete, replace or swap with their neighbour (Damerau–Levenshtein, restricted to one edit a letter). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length];
}
