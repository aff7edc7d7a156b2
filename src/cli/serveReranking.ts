import { type Reranker, reranker } from '../chat/rerank/recommendReranked.ts';
import type { ChatOptions, RerankSettings } from './args/chatOptions.ts';
import { openChat } from './chatModel.ts';

/**
 * What re-ranks for the callers of a service. A user by id has no order that the model knows: such a caller is asked about by
 * the prompt `sequential`, whatever the prompt for histories.
 * @throws {OptionError} for options out of range
 */
export function serveReranking({
  chat,
  settings,
}: {
  readonly chat: ChatOptions;
  readonly settings: RerankSettings;
}): Reranker {
  const asked = { ...settings, chat: openChat(chat).chat };
  const [ofHistories, ofUsers] = [reranker(asked), reranker({ ...asked, prompt: 'sequential' })];
  return (recommender, person, options) =>
    (typeof person === 'string' ? ofUsers : ofHistories)(recommender, person, options);
}
