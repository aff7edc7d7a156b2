import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChatCache } from '../chat/cache.ts';
import type { ChatReply } from '../chat/chat.ts';
import { fileError, pathOf, writeAtomic } from './files.ts';

/**
 * A cache of a chat model's answers in a folder, by its path or `file:` URL, which is created when needed: one small JSON
 * file an answer, named after its key and written atomically, so that a process that is killed leaves whole answers. Several
 * processes may use one folder. A file that is no answer of this key is passed over, and written anew.
 *
 * @throws {OptionError} for a URL of another kind
 * @throws {DataError} from both, when the folder cannot be read or written
 * @example
 * const model = httpChat({ url: 'http://localhost:11434/v1', model: 'qwen3:8b' });
 * const chat = cachedChat(model, directoryChatCache('answers'));
 */
export function directoryChatCache(location: string | URL): ChatCache {
  const folder = pathOf('directoryChatCache', location);
  // Folders of some hundred files each, which every file system takes.
  const fileOf = (key: string) => join(folder, key.slice(0, 2), `${key}.json`);
  return {
    async get(key) {
      const path = fileOf(key);
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw fileError(error, path, 'an answer of the cache');
      });
      return replyIn(text, key);
    },
    async set(key, { text, promptTokens, answerTokens }) {
      const path = fileOf(key);
      await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
        throw fileError(error, folder, 'a folder for the cache');
      });
      const content = `${JSON.stringify({ key, text, promptTokens, answerTokens })}\n`;
      await writeAtomic(path, new TextEncoder().encode(content));
    },
  };
}

/** The answer in a file; undefined where it is damaged, or that of another key. */
function replyIn(text: string, key: string): ChatReply | undefined {
  try {
    const { key: found, text: answer, promptTokens, answerTokens } = JSON.parse(text);
    return found === key && typeof answer === 'string'
      ? { text: answer, promptTokens, answerTokens }
      : undefined;
  } catch {
    return undefined;
  }
}
