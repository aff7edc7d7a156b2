import type { Recommender } from 'llminit/serve';
import { useMemo, useState } from 'preact/hooks';
import { addItem, changes, data, history, recommender, toggle, where } from '../state.ts';

const SUGGESTIONS = 8;
const RECOMMENDED = 10;

interface Listed {
  readonly id: string;
  readonly title: string;
}

/** The fourth step: choose, type, and see. */
export function Try() {
  return (
    <section aria-labelledby="try">
      <h2 id="try">4. Use it</h2>
      <div class="halves">
        <Choose />
        <Recommended />
      </div>
      <NewItem />
    </section>
  );
}

function Choose() {
  const [query, setQuery] = useState('');
  const model = recommender.value!;
  const items = useMemo(() => itemsOf(model), [model, changes.value]);
  const titles = useMemo(() => new Map(items.map(({ id, title }) => [id, title])), [items]);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const suggested = items
    .filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)))
    .slice(0, SUGGESTIONS);
  return (
    <div>
      <label>
        Search for things you like{' '}
        <input type="search" value={query} onInput={({ currentTarget }) => setQuery(currentTarget.value)} />
      </label>
      <ul class="choices" aria-label="Suggestions">
        {suggested.map(({ id, title }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={history.value.includes(id)} onChange={() => toggle(id)} />{' '}
              {title}
            </label>
          </li>
        ))}
      </ul>
      <h3>You like</h3>
      {history.value.length === 0 && <p class="hint">Nothing yet: what everybody takes is shown.</p>}
      <ul class="chips" aria-label="You like">
        {history.value.map((id) => (
          <li key={id}>
            <button type="button" aria-label={`Remove ${titles.get(id) ?? id}`} onClick={() => toggle(id)}>
              {titles.get(id) ?? id} ×
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Recommended() {
  const [text, setText] = useState('');
  const model = recommender.value!;
  const likes = history.value;
  const { list, milliseconds, note } = useMemo(
    () => ask(model, likes, text.trim(), where.value),
    [model, likes, text, where.value, changes.value],
  );
  return (
    <div>
      <label>
        What are you looking for?{' '}
        <input
          type="search"
          value={text}
          placeholder="any words"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <Filters />
      <ol class="recommended" aria-label="Recommended">
        {list.map(({ id, title, cold, because }) => (
          <li key={id}>
            {title} {cold && <span class="badge">new</span>}
            <small>{because ? `because of ${because}` : '\u00a0'}</small>
          </li>
        ))}
      </ol>
      <p class="hint" aria-live="polite">
        {note ??
          `Exact over ${model.numItems.toLocaleString()} items in ${milliseconds.toFixed(1)} ms, in this page.`}
      </p>
    </div>
  );
}

/** One field for each column that the model keeps. */
function Filters() {
  const change = (name: string, condition: string | { readonly lte: number } | null) => {
    const { [name]: _, ...others } = where.value;
    where.value = condition === null ? others : { ...others, [name]: condition };
  };
  return (
    <div class="line">
      {data.value?.filters.map(({ name, texts, most }) =>
        texts ? (
          <label key={name}>
            {name}{' '}
            <select onChange={({ currentTarget: { value } }) => change(name, value || null)}>
              <option value="">any</option>
              {texts.map((text) => (
                <option key={text}>{text}</option>
              ))}
            </select>
          </label>
        ) : (
          <label key={name}>
            {name}, at most{' '}
            <input
              type="number"
              placeholder={String(most)}
              onInput={({ currentTarget: { value } }) =>
                change(name, value === '' ? null : { lte: Number(value) })
              }
            />
          </label>
        ),
      )}
    </div>
  );
}

interface Answer {
  readonly list: readonly (Listed & { readonly cold?: boolean; readonly because: string | null })[];
  readonly milliseconds: number;
  /** Instead of the time, what kept the model from an answer. */
  readonly note: string | null;
}

function ask(model: Recommender, likes: readonly string[], text: string, fits: typeof where.value): Answer {
  const start = performance.now();
  try {
    const options = { k: RECOMMENDED, where: Object.keys(fits).length > 0 ? fits : undefined };
    const found =
      text !== ''
        ? model.recommendForText(text, likes.length > 0 ? { ...options, history: likes } : options)
        : likes.length > 0
          ? model.recommend({ history: likes }, options)
          : model.popularItems(options);
    const milliseconds = performance.now() - start;
    const list = found.map(({ id, title, cold }) => {
      const [reason] = likes.length > 0 ? model.explain({ history: likes }, id).shares : [];
      return {
        id,
        title: title ?? id,
        cold,
        because: reason && reason.share > 0 ? (reason.title ?? reason.id) : null,
      };
    });
    return { list, milliseconds, note: null };
  } catch (error) {
    return { list: [], milliseconds: 0, note: (error as Error).message };
  }
}

function NewItem() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const title = String(new FormData(form).get('title') ?? '').trim();
    if (title === '') return;
    addItem(title);
    form.reset();
  };
  return (
    <form class="line" onSubmit={submit}>
      <label>
        A new item, from its text alone <input name="title" placeholder="e.g. ceramic coffee dripper" />
      </label>
      <button type="submit">Add it</button>
    </form>
  );
}

function itemsOf(model: Recommender): Listed[] {
  const { itemIds, itemTitles } = model.model;
  return itemIds.map((id, n) => ({ id, title: itemTitles?.[n] ?? id }));
}
