import { type Distinctness, distinctness } from '../embedders.ts';
import type { Embeddings, Runtime } from '../index.ts';
import type { Progress } from './progress.ts';

/** How many texts stand before already; blank ones aside. */
export function countRepeated(texts: readonly string[]): number {
  const present = texts.filter((text) => text.trim() !== '');
  return present.length - new Set(present).size;
}

/** From this share of items with a twin on, texts are said to tell items apart poorly; 1 to 5 % on real catalogues. */
const POOR_SHARE = 0.2;

/** How well the vectors tell items apart; a warning if they do poorly. */
export async function tellApart(
  embeddings: Embeddings,
  { runtime, progress }: { readonly runtime: Runtime; readonly progress: Progress },
): Promise<Distinctness> {
  const found = await distinctness(embeddings, { runtime });
  if (found.share >= POOR_SHARE) {
    const share = `${Math.round(100 * found.share)} % of ${found.sampled} items`;
    const [one, other] = found.examples[0];
    progress.line(
      `the texts tell items apart poorly: ${share} have almost the vector of another one (${one} of ${other}); ` +
        'name more --text-columns, or try another --embedder',
    );
  }
  return found;
}
