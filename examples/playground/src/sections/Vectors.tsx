import { useState } from 'preact/hooks';
import { ItemMap } from '../charts/ItemMap.tsx';
import type { InputFile } from '../messages.ts';
import { busy, data, makeVectors, vectors } from '../state.ts';

/** The second step: what the texts say. */
export function Vectors() {
  const [search, setSearch] = useState('');
  if (!data.value!.hasTexts) {
    return (
      <section aria-labelledby="vectors">
        <h2 id="vectors">2. Vectors</h2>
        <p class="note">
          There is no catalogue with texts: the models learn from clicks alone. Add one above to see what
          texts bring.
        </p>
      </section>
    );
  }
  return (
    <section aria-labelledby="vectors">
      <h2 id="vectors">2. Vectors of the texts</h2>
      <Sources />
      {vectors.value && (
        <>
          <p>
            {vectors.value.source}: {vectors.value.width} numbers an item.
          </p>
          <label>
            Find items on the map{' '}
            <input
              type="search"
              value={search}
              onInput={({ currentTarget }) => setSearch(currentTarget.value)}
            />
          </label>
          <ItemMap vectors={vectors.value} search={search} />
        </>
      )}
    </section>
  );
}

const bytesOf = async (file: File): Promise<InputFile> => ({
  name: file.name,
  bytes: new Uint8Array(await file.arrayBuffer()),
});

function Sources() {
  const [model, setModel] = useState('Xenova/all-MiniLM-L6-v2');
  const [folder, setFolder] = useState('');
  const disabled = busy.value !== null;
  const onFiles = async (chosen: readonly File[]) => {
    const [file] = chosen.filter(({ name }) => !name.endsWith('.txt'));
    const [ids] = chosen.filter(({ name }) => name.endsWith('.txt'));
    if (file)
      await makeVectors({ kind: 'file', file: await bytesOf(file), ids: ids ? await bytesOf(ids) : null });
  };
  return (
    <div class="sources">
      <button type="button" disabled={disabled} onClick={() => void makeVectors({ kind: 'lexical' })}>
        Lexical, from these texts
      </button>
      <details>
        <summary>A sentence encoder, in this tab</summary>
        <p class="hint">
          Transformers.js downloads the model once, from the model's host, and computes here; your texts stay
          here.
        </p>
        <label>
          Model
          <input value={model} onInput={({ currentTarget }) => setModel(currentTarget.value)} />
        </label>
        <label>
          Folder of this site that holds it, instead of a download
          <input
            value={folder}
            placeholder="models/"
            onInput={({ currentTarget }) => setFolder(currentTarget.value)}
          />
        </label>
        <button
          type="button"
          disabled={disabled}
          onClick={() =>
            void makeVectors({
              kind: 'encoder',
              model,
              folder: folder.trim() ? new URL(folder.trim(), document.baseURI).pathname : null,
            })
          }
        >
          Encode the texts
        </button>
      </details>
      <details>
        <summary>Vectors of your own</summary>
        <label>
          .npy with a .txt of ids, Parquet, CSV or JSON lines{' '}
          <input
            type="file"
            multiple
            disabled={disabled}
            onChange={({ currentTarget }) => void onFiles(Array.from(currentTarget.files ?? []))}
          />
        </label>
      </details>
    </div>
  );
}
