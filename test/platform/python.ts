import { spawnSync } from 'node:child_process';

/** Debian's Python, whatever else is installed. */
export const PYTHON = '/usr/bin/python3';

/** Where Debian's packages must be for tests that train with PyTorch. */
export const TORCH = '/usr/lib/python3/dist-packages/torch/__init__.py';

/** Runs a Python program that must succeed, and gives what it printed. */
export function python(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`python3: status ${status}\n${stderr}`);
  return stdout;
}
