import { findClosedModel } from '../../models/closed/index.ts';
import { Budget, DEFAULT_BUDGET } from '../budget.ts';
import { type Choice, readsTexts } from '../choice.ts';
import { type Init, nameOfInit } from '../inits.ts';
import { kindOf, type TrainOptions } from '../options.ts';
import { type TrainingSize, trainingSize } from '../size.ts';
import type { TrainingData } from '../trainingData.ts';
import { blend } from './blend.ts';
import type { Entry } from './candidate.ts';
import { closedForm } from './closedForm.ts';
import { graphModel } from './graphModel.ts';

/** What a training tries, in this order; of equals the first is kept. A further entry of the choice is a line here. */
export function entriesOf(init: Init, options: TrainOptions, data: TrainingData): readonly Entry[] {
  if (options.repeat) return repeated(options.repeat, data);
  const named = findClosedModel(options.model ?? '');
  if (named) return [closedForm(named.name, named)];
  if (kindOf(init, options) === 'graph') return [graphModel(nameOfInit(init), init)];
  return choiceEntries(trainingSize(data, data.sampled), data.tellsItemsApart, options);
}

/** What a choice by validation tries. @param withTexts whether there are vectors that tell items apart */
export function choiceEntries(
  size: TrainingSize,
  withTexts: boolean,
  options: TrainOptions,
): readonly Entry[] {
  const rows = linearEntry(options, size, withTexts);
  const whole = graphEntry(withTexts);
  const graph = size.valid > 0 && isBeyond(whole, rows, size, options) ? lowRank() : whole;
  // Without validation interactions there is nothing to choose by, and only the caller can tell when to stop training.
  if (size.valid === 0) return options.epochs === undefined ? [rows] : [graph];
  return [rows, graph, blend(`${graph.name} with ${rows.name}`, [graph.name, rows.name])];
}

/** What an earlier choice came to, its last entry the one that is kept. */
function repeated({ parts, weight }: Choice, data: TrainingData): readonly Entry[] {
  const entries = parts.map((part) =>
    part.kind === 'graph'
      ? graphEntry(data.tellsItemsApart)
      : closedForm(part.model, findClosedModel(part.model)!, {
          withVectors: readsTexts(part.settings),
          settings: part.settings,
        }),
  );
  if (weight === null) return entries;
  const [first, second] = entries.map(({ name }) => name);
  return [...entries, blend(`${first} with ${second}`, [first, second], [weight])];
}

/** Epochs of the graph model below which it has hardly begun: one of many interactions is some dozens of updates. */
const LEAST_EPOCHS = 3;

/**
 * Whether the interactions are too many for the graph model: not even the usual budget, or a larger one that is given, pays
 * three epochs. A smaller budget leaves the entry out.
 */
function isBeyond(graph: Entry, rows: Entry, size: TrainingSize, options: TrainOptions): boolean {
  const budget = new Budget(Math.max(options.budget ?? DEFAULT_BUDGET, DEFAULT_BUDGET));
  const before = rows.cost(size, options);
  budget.spend(before, budget.affordable(before));
  const cost = graph.cost(size, options);
  return budget.affordable(cost) < Math.min(LEAST_EPOCHS, cost.units);
}

/** What stands in for the graph model: the leading singular vectors of the graph, whose cost is linear in it. */
function lowRank(): Entry {
  return closedForm('svd', findClosedModel('svd')!);
}

function graphEntry(withTexts: boolean): Entry {
  return graphModel(withTexts ? 'lightgcn from graph-pca' : 'lightgcn from xavier', 'auto');
}

/** Text and clicks in closed form where the budget allows; else clicks alone, whose cost is linear in the items. */
function linearEntry(options: TrainOptions, size: TrainingSize, withTexts: boolean): Entry {
  const model = findClosedModel('l3ae')!;
  const whole = closedForm('l3ae', model);
  const budget = new Budget(options.budget ?? DEFAULT_BUDGET);
  const cost = whole.cost(size, options);
  if (withTexts && budget.affordable(cost) >= 1) return whole;
  return closedForm('l3ae of clicks alone', model, { withVectors: false });
}
