import { existsSync, statSync } from 'node:fs';
import { estimatedTokens } from '../embed/plan.ts';
import { describeEmbedder } from '../embed/registry.ts';
import { PROCESS_BYTES } from '../recipe/forecast.ts';
import { embedderNames } from './args/embedderArguments.ts';
import type { VectorOptions } from './args/itemOptions.ts';
import { duration, inWords, LEXICAL_DIM, vectorBytes, vectorSeconds } from './predicted.ts';

/** What making vectors of a catalogue is expected to take at most. */
export interface VectorForecast {
  readonly texts: number;
  /** As encoders and endpoints count them, about. */
  readonly tokens: number;
  /** Of one core; null where an encoder or an endpoint decides, which nothing is known of before its first answer. */
  readonly seconds: number | null;
  /** Of the process, without the weights of an encoder. */
  readonly bytes: number;
}

/** @param path of the catalogue; undefined for none */
export function vectorForecast(
  vectors: VectorOptions,
  texts: readonly string[],
  path: string | undefined,
): VectorForecast {
  const names = embedderNames(vectors);
  const widths = names.map((name) =>
    name === 'lexical' ? (vectors.settings.lexicalDim ?? LEXICAL_DIM) : null,
  );
  const fileBytes = (file: string | undefined) =>
    file !== undefined && existsSync(file) && statSync(file).isFile() ? statSync(file).size : 0;
  const present = texts.filter((text) => text.trim() !== '');
  const isQuick = names.every((name) => name === 'lexical' || describeEmbedder(name).reads === 'id');
  return {
    texts: present.length,
    tokens: present.reduce((sum, text) => sum + estimatedTokens(text), 0),
    seconds: isQuick ? vectorSeconds(names.includes('lexical') ? present.length : 0) : null,
    bytes: widths.reduce(
      (sum: number, width, n) => sum + vectorBytes(texts.length, fileBytes(names[n]), width) - PROCESS_BYTES,
      vectorBytes(0, fileBytes(path), null),
    ),
  };
}

/** The same in a line. */
export function vectorForecastLine({ texts, tokens, seconds, bytes }: VectorForecast): string {
  const time =
    seconds === null
      ? `${tokens} tokens, about; how long is told after the first of them`
      : `${duration(seconds)} of one core`;
  return `${texts} texts, expected at most: ${inWords(bytes)} of memory, ${time}`;
}
