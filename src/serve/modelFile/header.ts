import { FormatError } from '../../errors.ts';
import { canonicalJson, DAMAGED, type JsonValue, parseJsonObject } from '../../format/json.ts';
import type { BlendShare } from './data.ts';
import type { ModelParts } from './parts.ts';
import type { ModelSource } from './source.ts';

const FORMAT = 'llminit-model';
/** Version 2 has parts that version 1 does not know; a file without them is one of version 1. */
const VERSIONS = ['1', '2'];

/** The metadata of all models. @throws {OptionError} on a configuration or metrics that JSON cannot hold */
export function headerMetadata(
  { config, metrics, blend }: ModelParts,
  isPlain: boolean,
): Record<string, string> {
  return {
    format: FORMAT,
    version: isPlain ? '1' : '2',
    config: canonicalJson(config, 'encodeModel: config'),
    metrics: canonicalJson(metrics, 'encodeModel: metrics'),
    ...(blend && { blend: canonicalJson(blend, 'encodeModel: blend') }),
  };
}

/** @throws {FormatError} for another format or version, or a file without a checksum */
export function checkKind({ name, metadata, checked }: ModelSource): void {
  if (metadata.format !== FORMAT) {
    throw new FormatError(
      name,
      `expected a model file (format ${FORMAT}), received format ${metadata.format ?? 'none'}`,
      'Pass a model file of llminit',
    );
  }
  if (!VERSIONS.includes(metadata.version)) {
    throw new FormatError(
      name,
      `expected model file version ${VERSIONS.join(' or ')}, received ${metadata.version ?? 'none'}`,
      'Use the version of llminit that wrote it, or train again',
    );
  }
  if (!checked) throw new FormatError(name, 'expected a checksum in the metadata, received none', DAMAGED);
}

/** Configuration, metrics and blend. @throws {FormatError} when they are no JSON, or no blend */
export function readMetadata({
  name,
  metadata,
}: ModelSource): Pick<ModelParts, 'config' | 'metrics' | 'blend'> {
  return {
    config: parseJsonObject(metadata.config ?? '', `${name}: config`),
    metrics: parseJsonObject(metadata.metrics ?? '', `${name}: metrics`),
    blend: metadata.blend === undefined ? null : readBlend(metadata.blend, `${name}: blend`),
  };
}

function readBlend(text: string, where: string): BlendShare[] {
  const { blend } = parseJsonObject(`{"blend":${text}}`, where);
  const isShare = (share: JsonValue) => {
    const { part, weight, deviation } = (share ?? {}) as Record<string, JsonValue>;
    return typeof part === 'string' && typeof weight === 'number' && typeof deviation === 'number';
  };
  if (!Array.isArray(blend) || !blend.every(isShare))
    throw new FormatError(
      where,
      `expected a list of parts with weights, received ${text.slice(0, 80)}`,
      DAMAGED,
    );
  return blend as unknown as BlendShare[];
}
