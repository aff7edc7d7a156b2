import { describe, expect, it } from 'vitest';
import { Interactions } from '../../src/data/interactions.ts';
import { leaveOneOut } from '../../src/data/splits.ts';
import { DataError, FormatError } from '../../src/errors.ts';
import type { JsonValue } from '../../src/format/json.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/format/safetensors.ts';
import type { Tensor } from '../../src/format/tensor.ts';
import { initialize } from '../../src/init/initialize.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { fit } from '../../src/train/fit.ts';

const rows = Array.from({ length: 300 }, (_, n) => ({
  user: `u${n % 30}`,
  item: `i${(n * 7 + (n % 11)) % 20}`,
}));
const split = leaveOneOut(Interactions.from(rows), { order: 'random', seed: 1 });
const initial = await initialize(split.train, null, { strategy: 'xavier', dim: 4, seed: 1 });

async function checkpoint(): Promise<Checkpoint> {
  let last: Checkpoint | undefined;
  await fit(split, initial, {
    epochs: 2,
    checkpointEvery: 2,
    onCheckpoint: (state) => {
      last = state;
    },
  });
  return last!;
}
const whole = await checkpoint();

/** The checkpoint's file with parts of its state or tensors replaced, and a right checksum. */
function edited(
  state: Record<string, JsonValue>,
  tensors: (tensors: Record<string, Tensor>) => void = () => {},
): Uint8Array {
  const file = decodeSafetensors(encodeCheckpoint(whole), 'c');
  const parts = { ...file.tensors };
  tensors(parts);
  const { checksum: _, ...metadata } = file.metadata;
  return encodeSafetensors(parts, {
    ...metadata,
    state: JSON.stringify({ ...JSON.parse(metadata.state), ...state }),
  });
}

describe('decodeCheckpoint', () => {
  it('gives back what encodeCheckpoint took', () => {
    expect(decodeCheckpoint(encodeCheckpoint(whole), 'c')).toEqual(whole);
  });

  const wrong: Record<string, Record<string, JsonValue>> = {
    'a negative epoch': { epoch: -5 },
    'an epoch of half': { epoch: 1.5 },
    'an epoch as text': { epoch: '3' },
    'no history': { history: null },
    'a history that is too short': { history: [] },
    'a history of other things': { history: [1, 2] },
    'a history out of order': { history: [whole.history[1], whole.history[0]] as unknown as JsonValue },
    'a loss that is null': {
      history: [
        { epoch: 1, loss: null, metric: null },
        { epoch: 2, loss: 1, metric: null },
      ],
    },
    'a batch as object': { batch: {} },
    'steps as list': { steps: [1] },
    'a best epoch yet to come': { best: { epoch: 9, metric: 0.1 } },
    'a best epoch without its parameters': { best: null },
    'no sum of losses': { lossSum: null },
  };
  for (const [what, state] of Object.entries(wrong)) {
    it(`refuses ${what} under a right checksum`, () => {
      expect(() => decodeCheckpoint(edited(state), 'c')).toThrow(FormatError);
    });
  }

  it('refuses a missing part of the best weights', () => {
    const bytes = edited({}, (tensors) => delete tensors['best.parameters']);
    expect(() => decodeCheckpoint(bytes, 'c')).toThrow(FormatError);
  });
});

describe('fit', () => {
  const resumed = (resume: Checkpoint) => fit(split, initial, { epochs: 3, resume });

  it('refuses a checkpoint without one of the tables', async () => {
    const { m: _, ...model } = whole.model;
    await expect(resumed({ ...whole, model })).rejects.toThrow(/table m of 50 × 4, received none/);
  });

  it('stops before a validation, too, and goes on with it to the same bytes', async () => {
    const controller = new AbortController();
    let saved: Checkpoint | undefined;
    const stopped = fit(split, initial, {
      epochs: 3,
      signal: controller.signal,
      onProgress: ({ kind, epoch, batch, batches }) => {
        if (kind === 'batch' && epoch === 2 && batch === batches) controller.abort(new Error('enough'));
      },
      onCheckpoint: (state) => {
        saved = decodeCheckpoint(encodeCheckpoint(state), 'c');
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(saved).toMatchObject({ epoch: 2, batch: 1, history: [{ epoch: 1 }] });
    const resumed = await fit(split, initial, { epochs: 3, resume: saved });
    expect(resumed).toEqual(await fit(split, initial, { epochs: 3 }));
  });

  it('refuses half a table, a table too many, numbers that are not finite', async () => {
    const { v } = whole.model;
    const half = { rows: v.rows / 2, dim: v.dim, values: v.values.slice(v.values.length / 2) };
    for (const model of [
      { ...whole.model, v: half },
      { ...whole.model, w: v },
      { ...whole.model, v: { ...v, values: v.values.map(() => Number.NaN) } },
    ]) {
      await expect(resumed({ ...whole, model })).rejects.toThrow(DataError);
    }
    const best = { ...whole.best!, parameters: whole.best!.parameters.slice(1) };
    await expect(resumed({ ...whole, best })).rejects.toThrow(/200 best parameters, received 199/);
    await expect(resumed({ ...whole, batch: 99 })).rejects.toThrow(/a batch up to 1/);
  });

  it('resumes from the file that it wrote', async () => {
    const bytes = encodeCheckpoint(whole);
    const { history } = await resumed(decodeCheckpoint(bytes, 'c'));
    expect(history).toHaveLength(3);
  });
});
