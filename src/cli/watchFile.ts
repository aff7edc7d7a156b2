import { stat } from 'node:fs/promises';
import type { Handler } from '../http.ts';

/** How often the model file is looked at. */
const WATCH_MS = 1000;

/** Opens the model anew when its file has another size or date, and has kept it for a moment. */
export function watchFile(path: string, handler: Handler, tell: (text: string) => void): NodeJS.Timeout {
  const seen = async () =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => null,
    );
  let opened: string | null = null;
  let last: string | null = null;
  let busy = false;
  const look = async () => {
    const now = await seen();
    opened ??= now;
    const settled = now === last;
    last = now;
    if (now === null || now === opened || !settled) return;
    opened = now;
    await handler.reload().then(
      () => tell(`opened ${path} anew`),
      (error: Error) => tell(`kept the model as it was: ${error.message}`),
    );
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    look().finally(() => {
      busy = false;
    });
  }, WATCH_MS);
  void seen().then((now) => {
    opened ??= now;
    last ??= now;
  });
  return timer;
}
