import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import {
  createHandler,
  type Journal,
  type JournalRecord,
  type Reranking,
  replay,
  withoutUser,
} from '../../http.ts';
import { withFileLock } from '../../node/fileLock.ts';
import { httpListener } from '../../node/httpListener.ts';
import { FileJournal } from '../../node/journal.ts';
import { OptionError, type Recommender } from '../../serve.ts';
import { integer, text } from '../args/arguments.ts';
import { addRerankOptions, rerankSettings } from '../args/chatOptions.ts';
import { add } from '../args/command.ts';
import { Interrupted } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { openModelFile } from '../openModel.ts';
import { checkOutputs } from '../outputFile.ts';
import { printableLine } from '../printable.ts';
import { watchFile } from '../watchFile.ts';

interface ServeArguments {
  readonly port: number;
  readonly host: string;
  readonly journal?: string;
  readonly cors?: string;
}

type ServiceOptions = Omit<ServeArguments, 'rerank'> & { readonly rerank?: Reranking };

const HELP = `
The bearer token, if there is to be one, stands in the environment: LLMINIT_TOKEN=… llminit serve …
A model file that is replaced (llminit train --out the same path) is opened without a dropped request.
With --rerank a chat model re-ranks the first for those who ask with rerank=true; when it is late (--rerank-deadline) or fails,
they get the model's own order, and the answer says why.

Examples:
  $ llminit serve model.safetensors --journal events.jsonl
  $ curl 'http://127.0.0.1:8080/v1/recommendations?user=u42&k=5'
  $ llminit serve model.safetensors --rerank --rerank-deadline 2000 --chat http://localhost:11434/v1 --chat-model qwen3:8b
`;

/** How long requests under way may take after a stop. */
const DRAIN_MS = 5000;

/** Adds the command `serve`. */
export function addServe(program: Command): void {
  const command = program.command('serve').description('answer HTTP requests from a model file');
  command.argument('<model>', 'a model file');
  add(command, '--port <n>', '0 for any that is free', integer('--port', 0), 8080);
  add(command, '--host <address>', 'of the interface to listen on', text('--host'), '127.0.0.1');
  add(
    command,
    '--journal <file>',
    'keeps the events of /v1/events; each is on the disk before it is acknowledged',
    text('--journal'),
  );
  add(command, '--cors <origins>', 'origins whose pages may ask, separated by commas, or *', text('--cors'));
  addRerankOptions(command);
  command.addHelpText('after', HELP);
  command.action(async (model: string) => {
    const plan = rerankSettings(command);
    const rerank = plan && (await import('../serveReranking.ts')).serveReranking(plan);
    return serve(model, { ...command.opts<ServeArguments>(), rerank: rerank ?? undefined });
  });
}

async function serve(path: string, args: ServiceOptions): Promise<void> {
  if (args.port > 65_535)
    throw new OptionError(
      'serve',
      `expected --port to be at most 65535, received ${args.port}`,
      'Pass e.g. 8080',
      'port',
    );
  if (process.env.LLMINIT_TOKEN?.trim() === '')
    throw new OptionError('LLMINIT_TOKEN', 'expected a token, received a blank', 'Set it, or unset it');
  await checkOutputs({ '--journal': args.journal }, { files: { '<model>': path } });
  const stopped = interruptible((signal) =>
    args.journal === undefined
      ? untilStopped(path, args, null, signal)
      : withFileLock(args.journal, () => withJournal(path, args, args.journal!, signal), {
          signal,
          onWait: () => tell(`waiting for another process that has ${args.journal} open`),
        }),
  );
  await stopped.catch((error) => {
    // A service that was told to stop has done its work.
    if (!(error instanceof Interrupted)) throw error;
  });
}

async function withJournal(
  path: string,
  args: ServiceOptions,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const { journal, records, cutBytes } = await FileJournal.open<JournalRecord>(file);
  if (cutBytes > 0)
    tell(`${file}: the last ${cutBytes} bytes were cut in the middle of a record and are left out`);
  tell(`${file}: ${records.length} records`);
  try {
    await untilStopped(path, args, journal, signal);
  } finally {
    await journal.close();
  }
}

async function untilStopped(
  path: string,
  { port, host, cors, rerank }: ServiceOptions,
  journal: FileJournal<JournalRecord> | null,
  signal: AbortSignal,
): Promise<void> {
  const model = new LivingModel(path, journal);
  // A file that cannot be opened ends the command, not the first request.
  const first = await model.open();
  let begun = false;
  const handler = createHandler(
    () => {
      if (begun) return model.open();
      begun = true;
      return first;
    },
    {
      token: process.env.LLMINIT_TOKEN,
      cors: cors === undefined || cors === '*' ? cors : cors.split(',').map((origin) => origin.trim()),
      journal: journal === null ? undefined : model,
      rerank,
      onError: (error) => tell(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    },
  );
  const server = createServer(httpListener(handler));
  await listening(server, port, host);
  const { address, port: bound, family } = server.address() as AddressInfo;
  tell(`llminit serves ${path} at http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
  const watching = watchFile(path, handler, tell);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  clearInterval(watching);
  tell('stopping: requests under way are answered');
  await closed(server);
}

/** A model file and the journal of what has happened since. */
class LivingModel implements Journal {
  readonly #path: string;
  readonly #journal: FileJournal<JournalRecord> | null;
  /** What came while a model is being opened: it has to be in the new one, too. */
  #meanwhile: JournalRecord[] | null = null;

  constructor(path: string, journal: FileJournal<JournalRecord> | null) {
    this.#path = path;
    this.#journal = journal;
  }

  /** The file as it is now, with everything that the journal holds. */
  async open(): Promise<Recommender> {
    this.#meanwhile = [];
    try {
      const recommender = await openModelFile(this.#path);
      const records = (await this.#journal?.read()) ?? [];
      // Records that came while the journal was read are in both.
      const known = new Set(
        records.slice(-this.#meanwhile.length - 1).map((record) => JSON.stringify(record)),
      );
      const { refused } = replay(recommender, records);
      if (refused.length > 0) tell(`${refused.length} changes do not fit the model: ${refused[0].message}`);
      replay(
        recommender,
        this.#meanwhile.filter((record) => !known.has(JSON.stringify(record))),
      );
      return recommender;
    } finally {
      this.#meanwhile = null;
    }
  }

  append(records: readonly JournalRecord[]): Promise<void> {
    const dated = records.map(stamped);
    this.#meanwhile?.push(...dated);
    return this.#journal!.append(dated);
  }

  erase(user: string): Promise<void> {
    return this.#journal!.rewrite((record) => withoutUser(record, user));
  }
}

/** An event with the time at which it came. */
function stamped(record: JournalRecord): JournalRecord {
  if ('op' in record || record.time !== undefined) return record;
  return { ...record, time: Math.floor(Date.now() / 1000) };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = `expected a free address, received ${error.code ?? error.message} for ${host}:${port}`;
      reject(new OptionError('serve', problem, 'Pass another --port or --host'));
    });
    server.listen(port, host, resolve);
  });
}

/** Answers what is under way, then closes what is kept open. */
function closed(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function tell(text: string): void {
  process.stderr.write(`${printableLine(text)}\n`);
}
