/** Options of the library that the command line calls by another name than `--` and the same words. */
const RENAMED: Readonly<Record<string, string>> = {
  batchSize: '--batch',
  'optimizer.learningRate': '--lr',
  maxMemoryBytes: '--max-memory',
};

/** The flag that sets an option of the library. */
export function flagOf(option: string | undefined): string | undefined {
  if (option === undefined) return undefined;
  return RENAMED[option] ?? `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
