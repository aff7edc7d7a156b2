import type { Command } from 'commander';
import { TOKEN_PRICES, type TokenPrices } from '../../chat/prices.ts';
import { RERANK_CASES_OPTIONS } from '../../chat/rerank/cases.ts';
import { OptionError } from '../../errors.ts';
import { addRerankOptions, type ChatOptions, type RerankSettings, rerankSettings } from './chatOptions.ts';
import { addDescribed, describedValues, longFlag } from './described.ts';

/** How what is measured is re-ranked. */
export interface RerankPlan {
  readonly chat: ChatOptions;
  readonly settings: RerankSettings;
  /** People who are asked about, of validation and of test. */
  readonly users: number;
  readonly prices: TokenPrices;
  /** Says what it would cost, and asks nothing. */
  readonly preview: boolean;
}

const { users: USERS } = RERANK_CASES_OPTIONS;
const OWN = { users: USERS, ...TOKEN_PRICES };

/** Adds the flags of a re-ranking that is measured. */
export function addRerankPlan(command: Command): void {
  addRerankOptions(command);
  command.optionsGroup('Re-ranking:');
  addDescribed(command, OWN);
  command.option('--rerank-preview', 'say what it would cost, and ask nothing');
}

/** What the flags of `addRerankPlan` say; null without `--rerank`. @throws {OptionError} for flags that nothing reads */
export function rerankPlan(command: Command): RerankPlan | null {
  const args = command.opts<{ rerankPreview?: boolean }>();
  const own = describedValues(args, OWN);
  const found = rerankSettings(command);
  if (found) {
    const { users = USERS.default, ...prices } = own as { users?: number } & TokenPrices;
    return { ...found, users, prices, preview: args.rerankPreview ?? false };
  }
  const [name] = Object.keys(own) as (keyof typeof OWN)[];
  const flag = args.rerankPreview ? '--rerank-preview' : name && longFlag(OWN[name]);
  if (flag === undefined) return null;
  throw new OptionError(flag, 'expected --rerank beside it, received none', 'Add it, or leave this out');
}
