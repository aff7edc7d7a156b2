import { printable } from './printable.ts';

/** Writes one line or block to stdout; control characters of ids and titles are shown, not sent to the terminal. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Writes the one JSON document of a command to stdout; what `printable` escapes, JSON reads back as it was. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/**
 * A reader of results that has gone, as in `llminit … | head`, ends the command quietly; a reader of progress that has
 * gone changes nothing. Results that cannot be written are an error.
 */
export function tolerateClosedPipes(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(
      `llminit: stdout: expected to write the results, received ${error.message}. Free some space\n`,
    );
    process.exit(1);
  });
}
