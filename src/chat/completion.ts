import { FormatError, shown } from '../errors.ts';
import type { ChatReply } from './chat.ts';

/**
 * The answer of a chat completion in OpenAI's form: `choices[0].message.content`, a text or a list of parts with texts,
 * and `usage`.
 *
 * @param shownText hides what an error must not show
 * @throws {FormatError} an answer of another form, or without a text
 */
export function parseCompletion(body: string, where: string, shownText: (text: string) => string): ChatReply {
  const { choices, usage } = parsed(body, where, shownText);
  const [first] = choices;
  const text = textOf(first?.message?.content);
  if (text === null) {
    const refusal = first?.message?.refusal;
    const received =
      typeof refusal === 'string' ? `a refusal: ${shown(shownText(refusal))}` : shown(shownText(body));
    throw new FormatError(
      where,
      `expected a text in choices[0].message.content, received ${received}`,
      'Try another model, or allow it a longer answer',
    );
  }
  return {
    text,
    promptTokens: countOf(usage?.prompt_tokens),
    answerTokens: countOf(usage?.completion_tokens),
  };
}

interface Completion {
  readonly choices: readonly {
    readonly message?: { readonly content?: unknown; readonly refusal?: unknown };
  }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
}

function parsed(body: string, where: string, shownText: (text: string) => string): Completion {
  try {
    const completion = JSON.parse(body);
    if (Array.isArray(completion?.choices)) return completion;
  } catch {
    // Falls through to the same error: text that is no JSON is as wrong as JSON of another form.
  }
  const isPage = /^\s*</.test(body);
  throw new FormatError(
    where,
    `expected JSON with a list called choices, received ${isPage ? 'a page of HTML: ' : ''}${shown(shownText(body))}`,
    isPage
      ? 'Check the address: it should end in /v1 or alike'
      : 'Check that the service has the interface of OpenAI',
  );
}

function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content.trim() === '' ? null : content;
  if (!Array.isArray(content)) return null;
  const parts = content.map((part) => (typeof part?.text === 'string' ? part.text : ''));
  return textOf(parts.join(''));
}

/** A count of tokens; null for what is none. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
