// One long-lived Python process with torch, scipy and numpy, as far as it has them; see peers.py.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { SCRATCH } from '../library.mjs';

/** The interpreter that setup.mjs installs. */
export const INSTALLED_PYTHON = `${SCRATCH}/python`;
/** The same with MKL in the place of OpenBLAS: the family that torch's own builds use, in an older version. */
export const MKL_PYTHON = `${SCRATCH}/python-mkl`;
/** Environment variable that names the interpreter to use. */
const CHOICE = 'BENCH_PYTHON';
const DTYPES = new Map([
  [Float32Array, 'float32'],
  [Int32Array, 'int32'],
]);

/** Starts the peers; `absent` tells why there are none. */
export class PythonPeers {
  #python;
  #folder;
  #process = null;
  #answers = [];
  #files = 0;
  absent = null;
  versions = {};

  /** @param name of its folder of arrays */
  constructor(python = chooseInterpreter(), name = 'arrays') {
    this.#python = python;
    this.#folder = `${SCRATCH}/${name}`;
  }

  async start() {
    if (!this.#python || (this.#python.startsWith('/') && !existsSync(this.#python))) {
      this.absent = 'no Python interpreter for it';
      return;
    }
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
    this.#process = spawn(this.#python, ['bench/peers/peers.py'], { stdio: ['pipe', 'pipe', 'ignore'] });
    createInterface({ input: this.#process.stdout }).on('line', (line) =>
      this.#answers.shift()?.(JSON.parse(line)),
    );
    this.#process.on('exit', () => {
      for (const settle of this.#answers.splice(0)) settle({ absent: 'the Python process ended' });
    });
    this.versions = await this.#ask({ versions: true });
  }

  /**
   * A contestant that runs in Python.
   * @param arrays typed arrays, or `[array, ...shape]`
   * @param types constructors of the results
   * @returns `{ absent }` with the reason when it cannot run
   */
  async contestant(name, kind, arrays, types, options = {}) {
    if (this.absent) return { name, absent: this.absent };
    const files = Object.entries(arrays).map(([key, value]) => [key, this.#store(value)]);
    const made = await this.#ask({ make: kind, arrays: Object.fromEntries(files), options });
    for (const [, { path }] of files) rmSync(path);
    if (made.absent) return { name, absent: made.absent };
    const probe = await this.#ask({ run: made.id });
    if (probe.absent) return { name, absent: probe.absent };
    return this.#ready(name, made.id, types, probe.ms);
  }

  /** @param firstMs of the run that has shown that it works; it stands for the first one asked for */
  #ready(name, id, types, firstMs) {
    let first = firstMs;
    return {
      name,
      run: async () => {
        const ms = first ?? (await this.#ask({ run: id })).ms;
        first = null;
        return ms;
      },
      result: async () => {
        const paths = types.map((_, n) => `${this.#folder}/result${n}`);
        await this.#ask({ write: id, paths });
        return paths.map((path, n) => readArray(path, types[n]));
      },
      free: () => this.#ask({ free: id }),
    };
  }

  stop() {
    this.#process?.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #store(value) {
    const [array, ...shape] = Array.isArray(value) ? value : [value, value.length];
    const path = `${this.#folder}/${this.#files++}`;
    writeFileSync(path, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return { path, dtype: DTYPES.get(array.constructor), shape };
  }

  #ask(request) {
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }
}

function readArray(path, Type) {
  const bytes = readFileSync(path);
  return new Type(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** The interpreter named in the environment, else the first that has torch, our own first, else the first that runs. */
export function chooseInterpreter() {
  const named = process.env[CHOICE];
  const candidates = named ? [named] : [INSTALLED_PYTHON, 'python3', '/usr/bin/python3', 'python'];
  const runs = (python, program) => spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0;
  const present = candidates.filter(
    (python) => (existsSync(python) || !python.startsWith('/')) && runs(python, ''),
  );
  return present.find((python) => runs(python, 'import torch')) ?? present[0];
}
