import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this long the process is killed. Default 50 s, less than a test may take. */
  readonly timeoutMs?: number;
}

/** What a process printed, once it has ended with status 0. @throws when it fails or takes too long */
export function output(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<string> {
  const child = start(command, args, options);
  return new Promise((resolve, reject) => {
    child.process.on('error', reject);
    child.process.on('close', (status, signal) => {
      child.stop();
      if (status === 0) return resolve(child.printed().stdout);
      const { stdout, stderr } = child.printed();
      reject(new Error(`${command} ${args.join(' ')}: status ${status ?? signal}\n${stdout}\n${stderr}`));
    });
  });
}

/** A process that runs until `stop`, or until its time is up. */
export interface RunningChild {
  readonly process: ChildProcess;
  printed(): { stdout: string; stderr: string };
  /** The first match in what it prints. @throws when it ends without one */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Kills it and everything that it started. */
  stop(): void;
}

export function start(command: string, args: readonly string[], options: ChildOptions = {}): RunningChild {
  const { cwd, env, timeoutMs = 50_000 } = options;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that browsers' helpers can be killed with it.
    detached: true,
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  }
  const stop = () => {
    clearTimeout(timer);
    process.off('exit', stop);
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  };
  const timer = setTimeout(stop, timeoutMs);
  process.on('exit', stop);
  return {
    process: child,
    printed: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text.stdout + text.stderr);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.on('error', reject);
        child.on('close', () =>
          reject(new Error(`${command} ended without ${pattern}\n${text.stdout}${text.stderr}`)),
        );
        look();
      }),
    stop,
  };
}
