import { FormatError, ShapeError, shown } from '../../errors.ts';

/** What an endpoint answered. */
export interface EmbeddingAnswer {
  readonly rows: readonly Float32Array[];
  /** Tokens that the service counted; null where it does not say. */
  readonly tokens: number | null;
}

/**
 * The vectors of an answer in the form of OpenAI's, by their index where they have one. An embedding is a list of
 * numbers, or little-endian float32 in base64.
 *
 * @param shownText hides what an error must not show
 * @throws {FormatError} an answer of another form
 * @throws {ShapeError} another number of vectors than of texts
 */
export function parseAnswer(
  text: string,
  count: number,
  where: string,
  shownText: (text: string) => string,
): EmbeddingAnswer {
  const { data, usage } = parseJson(text, where, shownText);
  if (data.length !== count) {
    throw new ShapeError(
      where,
      `expected ${count} vectors, received ${data.length}`,
      'Try a smaller batchSize, or another service',
    );
  }
  const rows = new Array<Float32Array | undefined>(count).fill(undefined);
  for (const [position, { index = position, embedding }] of data.entries()) {
    const row = vectorOf(embedding);
    if (!row || !(typeof index === 'number' && index in rows) || rows[index]) {
      const received = shownText(`index ${shown(index)} and ${shown(embedding)}`);
      throw new FormatError(
        where,
        `expected entries with an index of 0 to ${count - 1}, each once, and an embedding of numbers, received ${received}`,
        'Check that the service has the interface of OpenAI',
      );
    }
    rows[index] = row;
  }
  return { rows: rows as Float32Array[], tokens: tokensOf(usage) };
}

interface Entry {
  readonly index?: unknown;
  readonly embedding?: unknown;
}

function parseJson(
  text: string,
  where: string,
  shownText: (text: string) => string,
): { data: readonly Entry[]; usage: unknown } {
  try {
    const { data, usage } = JSON.parse(text);
    if (Array.isArray(data) && data.every((entry) => entry !== null && typeof entry === 'object'))
      return { data, usage };
  } catch {
    // Falls through to the same error: text that is no JSON is as wrong as JSON of another form.
  }
  const isPage = /^\s*</.test(text);
  throw new FormatError(
    where,
    `expected JSON with a list called data, received ${isPage ? 'a page of HTML: ' : ''}${shown(shownText(text))}`,
    isPage
      ? 'Check the address: it should end in /v1 or alike'
      : 'Check that the service has the interface of OpenAI',
  );
}

function vectorOf(embedding: unknown): Float32Array | null {
  if (typeof embedding === 'string') return fromBase64(embedding);
  const isVector =
    Array.isArray(embedding) && embedding.length > 0 && embedding.every((value) => typeof value === 'number');
  return isVector ? Float32Array.from(embedding) : null;
}

/** The float32 of a base64 text; null for a text that is none. */
function fromBase64(text: string): Float32Array | null {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  if (binary.length === 0 || binary.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, n) => view.getFloat32(4 * n, true));
}

function tokensOf(usage: unknown): number | null {
  if (usage === null || typeof usage !== 'object') return null;
  const { total_tokens: total, prompt_tokens: prompt } = usage as Record<string, unknown>;
  return typeof total === 'number' ? total : typeof prompt === 'number' ? prompt : null;
}
