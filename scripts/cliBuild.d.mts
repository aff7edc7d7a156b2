import type { Metafile } from 'esbuild';

export function buildCli(outdir: string): Promise<Metafile['outputs']>;
