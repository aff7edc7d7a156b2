import { codeVocabulary, type ItemCodes } from '../../data/itemCodes.ts';
import { FormatError, shown } from '../../errors.ts';
import { firstNonFinite } from '../../format/finite.ts';
import { DAMAGED } from '../../format/json.ts';
import type { Tensor } from '../../format/tensor.ts';
import { readSequence, sequenceShape, sequenceTensors } from '../../rank/sequences/stored.ts';
import { bestOf, checkedHistory } from '../../train/checkpointState.ts';
import type { FitResult } from '../../train/fit.ts';
import type { SavedCandidate } from './candidate.ts';

/** A finished training as plain tables, for a checkpoint. */
export function saveResult({ factors, parameters, adapter, sequence, ...record }: FitResult): SavedCandidate {
  const { dim } = factors;
  const table = (values: Float32Array, columns: number): Tensor => {
    return { dtype: 'F32', shape: [values.length / columns, columns], data: values };
  };
  const tensors: Record<string, Tensor> = {
    users: table(factors.users, dim),
    items: table(factors.items, dim),
    parameters: table(parameters, dim),
  };
  if (adapter) tensors.linear = table(adapter.linear, adapter.width);
  if (adapter?.branch) {
    tensors.inner = table(adapter.branch.inner, adapter.width);
    tensors.outer = table(adapter.branch.outer, adapter.branch.hidden);
  }
  if (sequence) Object.assign(tensors, sequenceTensors(sequence));
  const shape = sequence && { sequence: sequenceShape(sequence) };
  return {
    record: { ...record, ...shape, history: record.history.map((epoch) => ({ ...epoch })) },
    tensors,
  };
}

/**
 * The training that `saveResult` took apart.
 * @throws {FormatError} when a table or a number is missing or of another size
 */
export function restoreResult(
  { record, tensors }: SavedCandidate,
  shape: { readonly numUsers: number; readonly numItems: number; readonly dim: number },
  { adapterLayers, codes }: { readonly adapterLayers: number | null; readonly codes: ItemCodes | null },
): FitResult {
  const { numUsers, numItems, dim } = shape;
  const table = (key: string, rows: number | null, columns: number | null) =>
    savedTable(tensors, key, rows, columns);
  const linear = adapterLayers === null ? null : table('linear', dim, null);
  const inner = adapterLayers === 2 ? table('inner', null, linear!.columns) : null;
  const saved = record.sequence as { readonly beams?: number } | undefined;
  const coded = codes && { ...codes, beams: saved?.beams ?? 0 };
  const sequence = record.sequence
    ? readSequence(
        record.sequence,
        coded,
        (name, rows, columns) => table(name, rows, columns).values,
        'resume',
      )
    : null;
  const rows = codes ? codeVocabulary(codes).tokens : sequence ? numItems : numUsers + numItems;
  return {
    ...savedRecord(record),
    factors: {
      users: table('users', numUsers, dim).values,
      items: table('items', numItems, dim).values,
      dim,
    },
    parameters: table('parameters', rows, dim).values,
    sequence,
    adapter: linear && {
      ...{ width: linear.columns, dim, linear: linear.values },
      branch: inner && {
        hidden: inner.rows,
        inner: inner.values,
        outer: table('outer', dim, inner.rows).values,
      },
    },
  };
}

function savedTable(
  tensors: SavedCandidate['tensors'],
  key: string,
  rows: number | null,
  columns: number | null,
): { rows: number; columns: number; values: Float32Array } {
  const tensor = Object.hasOwn(tensors, key) ? tensors[key] : undefined;
  const [foundRows, foundColumns] = tensor?.shape ?? [];
  const fits = (rows ?? foundRows) === foundRows && (columns ?? foundColumns) === foundColumns;
  const isTable = tensor?.shape.length === 2 && fits && tensor.data instanceof Float32Array;
  if (isTable && firstNonFinite(tensor.data) < 0)
    return { rows: foundRows, columns: foundColumns, values: tensor.data as Float32Array };
  const received = tensor ? `${tensor.dtype} ${tensor.shape.join(' × ')}` : 'none';
  const wanted = isTable ? `finite ${key}` : `${key} of F32 ${rows ?? 'any'} × ${columns ?? 'any'}`;
  return damaged(wanted, received);
}

function savedRecord(
  record: SavedCandidate['record'],
): Pick<FitResult, 'bestEpoch' | 'bestMetric' | 'history' | 'stoppedBy' | 'warning'> {
  const { bestEpoch, bestMetric, stoppedBy, warning } = record;
  const history = checkedHistory(record.history, 'resume');
  const best = bestOf(history);
  const [epoch, metric] = [best?.epoch ?? history.length, best?.metric ?? null];
  if (bestEpoch !== epoch) return damaged(`bestEpoch ${epoch}, as its history says`, shown(bestEpoch));
  if (bestMetric !== metric) return damaged(`bestMetric ${metric}, as its history says`, shown(bestMetric));
  if (stoppedBy !== 'patience' && stoppedBy !== 'epochs' && stoppedBy !== 'diverged')
    return damaged('stoppedBy patience, epochs or diverged', shown(stoppedBy));
  if (warning !== null && typeof warning !== 'string')
    return damaged('warning, a text or null', shown(warning));
  return { bestEpoch: epoch, bestMetric: metric, history, stoppedBy, warning };
}

function damaged(expected: string, received: string): never {
  throw new FormatError('resume', `expected a trial with ${expected}, received ${received}`, DAMAGED);
}
