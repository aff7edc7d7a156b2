import { DataError } from '../errors.ts';

/**
 * The text of a response, read no further than `maxBytes`.
 * @throws {DataError} as soon as it is longer
 */
export async function readBody(response: Response, maxBytes: number, where: string): Promise<string> {
  const tooLong = () =>
    new DataError(
      where,
      `expected an answer of at most ${maxBytes} bytes, received more`,
      'Check the address, or ask for less at a time',
    );
  if (Number(response.headers.get('content-length')) > maxBytes) {
    await response.body?.cancel();
    throw tooLong();
  }
  if (!response.body) return '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw tooLong();
    }
    text += decoder.decode(value, { stream: true });
  }
}
