import { LongTail } from '../charts/LongTail.tsx';
import { busy, chooseColumns, columns, data, dropFiles, files, invented, loadSample } from '../state.ts';

/** The first step: files, and what they were taken for. */
export function Data() {
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    const dropped = Array.from(event.dataTransfer?.files ?? []);
    if (dropped.length > 0) void dropFiles(dropped);
  };
  return (
    <section aria-labelledby="data">
      <h2 id="data">1. Data</h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping files is offered beside the field and the button */}
      <div class="drop" onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
        <button type="button" disabled={busy.value !== null} onClick={() => void loadSample()}>
          Use an invented shop
        </button>
        <label>
          or your own files: who took what, and what the things are{' '}
          <input
            type="file"
            multiple
            disabled={busy.value !== null}
            onChange={({ currentTarget }) => void dropFiles(Array.from(currentTarget.files ?? []))}
          />
        </label>
        <p class="hint">
          CSV, TSV, JSON, Parquet, RecBole's files, MovieLens-100K's u.data with u.item … also packed, also
          dropped here.
        </p>
      </div>
      {data.value && <Summary />}
      {files.value.length > 0 && <Columns />}
    </section>
  );
}

function Summary() {
  const { users, items, interactions, lines, degrees } = data.value!;
  const figures = { users, items, interactions };
  return (
    <>
      {invented.value && <p class="note">These data are invented: they show that it works, not how well.</p>}
      <dl class="figures">
        {Object.entries(figures).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value.toLocaleString()}</dd>
          </div>
        ))}
      </dl>
      <ul class="report" aria-label="How the files were read">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <LongTail degrees={degrees} />
    </>
  );
}

const FIELDS = {
  userColumn: 'Column of users',
  itemColumn: 'Column of items',
  ratingColumn: 'Column of ratings',
  idColumn: 'Item ids of the catalogue',
  titleColumn: 'Titles of the catalogue',
} as const;

/** For files whose columns were not, or not rightly, recognised. */
function Columns() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim() || undefined;
    const minRating = text('minRating');
    const named = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, text(name)]));
    void chooseColumns({
      ...named,
      minRating: minRating === undefined ? undefined : Number(minRating),
      keep: text('keep')?.split(/\s*,\s*/),
    });
  };
  return (
    <details>
      <summary>Read them in another way</summary>
      <form class="columns" onSubmit={submit}>
        {Object.entries(FIELDS).map(([name, label]) => (
          <label key={name}>
            {label}
            <input
              name={name}
              value={columns.value[name as keyof typeof FIELDS] ?? ''}
              placeholder="found by its name"
            />
          </label>
        ))}
        <label>
          Liked from this rating on
          <input name="minRating" type="number" step="any" value={columns.value.minRating ?? ''} />
        </label>
        <label>
          Columns to filter by, separated by commas
          <input name="keep" value={columns.value.keep?.join(', ') ?? ''} />
        </label>
        <button type="submit" disabled={busy.value !== null}>
          Read again
        </button>
      </form>
    </details>
  );
}
