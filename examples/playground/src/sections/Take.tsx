import { decodeModel, encodeModel, quantizeModel } from 'llminit/serve';
import { useState } from 'preact/hooks';
import { PLACES, type Place } from '../places.ts';
import { chosen, failure, recommender } from '../state.ts';
import { toCsv } from '../toCsv.ts';

/** Lists of so many, of everyone. */
const K = 10;

/** The last step: the model, the code around it, and lists for everyone. */
export function Take() {
  const [place, setPlace] = useState<Place>('cloudflare');
  const finish = chosen.value!;
  const name = `${finish.entrant}.safetensors`;
  return (
    <section aria-labelledby="take">
      <h2 id="take">5. Take it away</h2>
      <p class="line">
        <button type="button" onClick={() => save(recommender.value!.encode(), name)}>
          {name} ({megabytes(finish.bytes.length)})
        </button>
        {/* Sparse rows are small as they are. */}
        {recommender.value!.model.dim > 0 && (
          <button type="button" onClick={() => guarded(() => saveSmall(name))}>
            Small: int8, without users
          </button>
        )}
        <button type="button" onClick={() => guarded(saveEveryone)}>
          Recommendations for everyone, as CSV
        </button>
      </p>
      <label>
        Code for{' '}
        <select value={place} onChange={({ currentTarget }) => setPlace(currentTarget.value as Place)}>
          {Object.entries(PLACES).map(([key, { label }]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <Code text={PLACES[place].code(name)} />
    </section>
  );
}

function Code({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <button type="button" onClick={() => guarded(copy)}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </>
  );
}

async function saveSmall(name: string): Promise<void> {
  const model = decodeModel(recommender.value!.encode(), name);
  save(encodeModel(await quantizeModel(model, { to: 'int8', users: false })), `small-${name}`);
}

async function saveEveryone(): Promise<void> {
  const model = recommender.value!;
  const rows: (string | number)[][] = [['user_id', 'rank', 'item_id', 'title', 'score']];
  for await (const { items, person } of model.recommendMany(model.model.userIds, { k: K })) {
    for (const [n, { id, title, score }] of items.entries())
      rows.push([String(person), n + 1, id, title ?? '', score]);
  }
  save(new TextEncoder().encode(toCsv(rows)), 'recommendations.csv');
}

async function guarded(work: () => Promise<void>): Promise<void> {
  failure.value = null;
  await work().catch((error: Error) => {
    failure.value = error.message;
  });
}

function save(bytes: Uint8Array, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
