import type { BuildOptions } from 'esbuild';

export function cliBuild(outdir: string): BuildOptions;
