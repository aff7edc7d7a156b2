import { OptionError, shown } from '../../errors.ts';
import { unitStride } from '../../kernels/blocks.ts';
import { SequenceEncoder } from '../../rank/sequences/encoder.ts';
import { HistoryEncoder } from '../../rank/sequences/historyEncoder.ts';
import { checkSequence } from '../../rank/sequences/stored.ts';
import type { SequenceShape } from '../../rank/sequences/weights.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { countBytes, type Workspace } from '../../runtime/workspace.ts';
import type { SequencePart } from '../modelFile/parts.ts';
import { sequenceOf } from '../modelFile/sequence.ts';
import type { SequenceReading, SequenceSupport } from '../sequences.ts';
import { CodeReading } from './codeReading.ts';

/**
 * Reads the histories of models of sequences (`sasrec`, `tiger`). A recommender of such a model is opened with it:
 *
 *     import { load, Sequences } from 'llminit/sequences';
 *     const recommender = await Recommender.open(bytes, { sequences: new Sequences(await load()) });
 *     recommender.recommend({ history: ['seen first', 'seen last'] });
 *
 * Each model takes a memory of its own for its transformer, which is opened at the first history.
 *
 * @example
 * const trained = await train({ split }, { model: 'sasrec', dim: 8, epochs: 1 });
 * const recommender = await Recommender.open(encodeModel(trained.model()), { sequences: new Sequences(runtime) });
 * recommender.recommend({ history: ['i1', 'i5'] }, { k: 3 }).length; // → 3
 */
export class Sequences implements SequenceSupport {
  readonly #runtime: Runtime;

  /**
   * @param runtime all kernels: `await load()` of this entry or of `llminit`
   * @throws {OptionError} for what is no runtime
   */
  constructor(runtime: Runtime) {
    if (typeof runtime?.open !== 'function') {
      const problem = `expected the runtime of load, received ${shown(runtime)}`;
      throw new OptionError('Sequences', problem, 'Pass await load()');
    }
    this.#runtime = runtime;
  }

  /** @internal @throws {FormatError} for a transformer whose tables do not fit its shape */
  open(part: SequencePart, rowOf: (item: number) => Float32Array): SequenceReading {
    const weights = sequenceOf(part);
    checkSequence(weights, 'Recommender');
    if (weights.codes) return new CodeReading(this.#runtime, weights, weights.codes);
    const { dim, maxLength } = weights;
    let opened: ReturnType<typeof layOut> | null = null;
    const openEncoder = () => {
      const bytes = countBytes((ws) => layOut(ws, weights), this.#runtime.threads);
      const room = layOut(this.#runtime.open(bytes, 'Recommender'), weights);
      room.encoder.take(weights);
      return room;
    };
    return {
      row(history) {
        opened ??= openEncoder();
        const { rows, histories } = opened;
        const length = Math.min(maxLength, history.length);
        const first = history.length - length;
        for (let t = 0; t < length; t++) rows.view.set(rowOf(history[first + t]), t * rows.stride);
        let out = new Float32Array(dim);
        histories.encode(rows, [Int32Array.from({ length }, (_, t) => t)], (_, row) => {
          out = row.slice();
        });
        return out;
      },
    };
  }
}

/** A transformer, what it encodes a history in, and the rows of one history's items. */
function layOut(workspace: Workspace, shape: SequenceShape) {
  const encoder = new SequenceEncoder(workspace, shape);
  const histories = HistoryEncoder.open(workspace, encoder, 1);
  return { encoder, histories, rows: workspace.matrix(shape.maxLength, shape.dim, unitStride(shape.dim)) };
}
