import * as llminit from '../../src/index.ts';
import * as sequences from '../../src/sequences.ts';
import { codesFor } from '../models/identityCodes.ts';
import { runtime, split, tables } from './samples.ts';
import type { Call } from './wrong.ts';

const { factors, sequence } = await llminit.fit({ ...split, valid: split.train.subset([]) }, tables, {
  model: 'sasrec',
  epochs: 1,
  runtime,
});
const coded = await llminit.fit({ ...split, valid: split.train.subset([]) }, tables, {
  ...{ model: 'tiger', epochs: 1, runtime },
  codes: codesFor('tiger', split.train.numItems).codes,
});
const codes = new sequences.CodeScorer('tiger', coded.sequence!);
const given = { items: factors.items, weights: sequence! };
const scorer = new sequences.SequenceScorer('sasrec', given);

export const SEQUENCES: Readonly<Record<string, Call>> = {
  'new SequenceScorer': {
    call: (...args: never[]) => new sequences.SequenceScorer(...(args as unknown as [never, never])),
    args: () => ['sasrec', given],
    takes: { 0: 'x' },
  },
  'SequenceScorer.prototype.explain': {
    call: (...args: [never, never]) => {
      try {
        return scorer.explain(...args);
      } catch (error) {
        // What it says of all arguments that are right.
        if (error instanceof llminit.UnsupportedError) return [];
        throw error;
      }
    },
    args: () => [{ user: null, history: [0] }, 1],
    takes: { 1: '7' },
  },
  'new CodeScorer': {
    call: (...args: never[]) => new sequences.CodeScorer(...(args as unknown as [never, never])),
    args: () => ['tiger', coded.sequence],
    takes: { 0: 'x' },
  },
  'CodeScorer.prototype.explain': {
    call: (...args: [never, never]) => {
      try {
        return codes.explain(...args);
      } catch (error) {
        // What it says of all arguments that are right.
        if (error instanceof llminit.UnsupportedError) return [];
        throw error;
      }
    },
    args: () => [{ user: null, history: [0] }, 1],
    takes: { 1: '7' },
  },
  'new Sequences': {
    call: (...args: never[]) => new sequences.Sequences(...(args as unknown as [never])),
    args: () => [runtime],
  },
};
