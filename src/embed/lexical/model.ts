import { CSR } from '../../data/argumentKinds.ts';
import type { Csr } from '../../data/csr.ts';
import { FLOAT32, having, NUMBER, NUMBERS, TEXTS } from '../../options/arguments.ts';
import type { TermOptions } from './terms.ts';

/**
 * What makes lexical vectors of new texts: the terms of the catalogue and the projection that the vectors came from.
 * With A the TF-IDF rows of the catalogue's texts and A ≈ U S Vᵀ, a text with the TF-IDF row x has the vector x V, and
 * V = Aᵀ (U S⁻¹), which is smaller than V where there are more terms than texts. See `transformTexts`.
 *
 * @example
 * const model: LexicalModel = embeddings.lexical!;
 * const toVector = textTransform(model);
 */
export interface LexicalModel {
  readonly options: Required<TermOptions>;
  /** How `Intl.Segmenter` cut when the model was made, see `segmenterVersion`; null where it did not. */
  readonly segmenter: string | null;
  /** Distinct; a term's column is its place. */
  readonly vocabulary: readonly string[];
  /** [vocabulary]: inverse document frequency times the weight of the term's kind. */
  readonly weights: Float32Array;
  /** Texts × vocabulary: how often each text of the catalogue has each term; texts without a term have no row. */
  readonly counts: Csr & { readonly values: Float32Array };
  /** U S⁻¹ [counts.rows × width], row-major. */
  readonly projection: Float32Array;
  /** [width], descending. */
  readonly singularValues: Float64Array;
  readonly width: number;
}

/** Whatever has the parts of a lexical model. */
export const LEXICAL_MODEL = having<LexicalModel>(
  'a lexical model',
  {
    ...{ vocabulary: TEXTS, weights: FLOAT32, counts: CSR, projection: FLOAT32 },
    ...{ singularValues: NUMBERS, width: NUMBER },
  },
  'Pass the lexical of embeddings that have one',
);
