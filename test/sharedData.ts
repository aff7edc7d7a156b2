import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../shared', import.meta.url));

/** Absolute path of the folder `shared` beside the project, which holds the real datasets; null when missing. */
export const sharedData: string | null = existsSync(folder) ? folder : null;
