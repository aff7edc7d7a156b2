import type { Command } from 'commander';
import { HTTP_CHAT_OPTIONS, type HttpChatOptions } from '../../chat/httpOptions.ts';
import { RERANKER_OPTIONS, type RerankerOptions } from '../../chat/rerank/options.ts';
import { OptionError } from '../../errors.ts';
import { text } from './arguments.ts';
import { add } from './command.ts';
import { addDescribed, describedValues, longFlag } from './described.ts';

/** A chat model as a command line names it. */
export interface ChatOptions {
  readonly http: HttpChatOptions;
  /** Folder of answers. */
  readonly cache?: string;
}

/** How candidates are re-ranked, but for what asks. */
export type RerankSettings = Omit<RerankerOptions, 'chat' | 'signal'>;

/** Adds the flags of a chat model. */
export function addChatOptions(command: Command): Command {
  command.optionsGroup(
    'Chat model (its key stands in LLMINIT_API_KEY, or OPENAI_API_KEY for api.openai.com):',
  );
  addDescribed(command, HTTP_CHAT_OPTIONS);
  return add(
    command,
    '--chat-cache <folder>',
    'keep answers here; none is paid for twice',
    text('--chat-cache'),
  );
}

/** Adds the flags of re-ranking. */
export function addRerankOptions(command: Command): Command {
  command.optionsGroup('Re-ranking:');
  command.option('--rerank', 'put the first in the order of a chat model, fused with ours');
  addDescribed(command, RERANKER_OPTIONS);
  return addChatOptions(command);
}

/**
 * What the flags of `addChatOptions` say.
 * @param reader the flag or command that needs a chat model
 * @throws {OptionError} without an address or a model
 */
export function chatOptions(command: Command, reader: string): ChatOptions {
  const { chatCache: cache } = command.opts<{ chatCache?: string }>();
  const http = describedValues(command.opts(), HTTP_CHAT_OPTIONS) as unknown as HttpChatOptions;
  for (const name of ['url', 'model'] as const) {
    if (http[name] !== undefined) continue;
    const flag = longFlag(HTTP_CHAT_OPTIONS[name]);
    const remedy = 'Pass e.g. --chat http://localhost:11434/v1 --chat-model qwen3:8b';
    throw new OptionError(reader, `expected ${flag} beside it, received none`, remedy);
  }
  return { http, cache };
}

/** What the flags of `addRerankOptions` say; null without `--rerank`. @throws {OptionError} for flags that nothing reads */
export function rerankSettings(command: Command): { chat: ChatOptions; settings: RerankSettings } | null {
  const args = command.opts<{ rerank?: boolean; chatCache?: string }>();
  const settings = describedValues(args, RERANKER_OPTIONS) as RerankSettings;
  if (args.rerank) return { chat: chatOptions(command, '--rerank'), settings };
  const descriptors = { ...RERANKER_OPTIONS, ...HTTP_CHAT_OPTIONS };
  const given = { ...settings, ...describedValues(args, HTTP_CHAT_OPTIONS) };
  const [name] = Object.keys(given) as (keyof typeof descriptors)[];
  const flag = args.chatCache !== undefined ? '--chat-cache' : name && longFlag(descriptors[name]);
  if (flag === undefined) return null;
  throw new OptionError(flag, 'expected --rerank beside it, received none', 'Add it, or leave this out');
}
