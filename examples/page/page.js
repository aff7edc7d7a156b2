import { Recommender } from 'llminit/serve';

const [search, books, next, status] = ['search', 'books', 'next', 'status'].map((id) =>
  document.getElementById(id),
);

/** What the page calls an item. */
const nameOf = ({ id, title }) => title ?? id;

try {
  const recommender = await Recommender.fromUrl(new URL('model.safetensors', document.baseURI));
  const { itemIds, itemTitles } = recommender.model;
  books.append(...itemIds.map((id, item) => choice(id, itemTitles?.[item] ?? id)));
  books.addEventListener('change', () => show(recommender));
  search.addEventListener('input', filter);
  show(recommender);
} catch (error) {
  status.textContent = `The recommender could not be loaded: ${error.message}`;
}

function choice(id, title) {
  const label = document.createElement('label');
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: 'book', value: id });
  label.append(box, ` ${title}`);
  return label;
}

/** Hides the books that the search does not name, but not those that are chosen. */
function filter() {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const label of books.children) {
    const title = label.textContent.toLowerCase();
    label.hidden = !label.firstChild.checked && !words.every((word) => title.includes(word));
  }
}

function show(recommender) {
  const history = new FormData(books).getAll('book');
  const start = performance.now();
  const list =
    history.length > 0 ? recommender.recommend({ history }, { k: 5 }) : recommender.popularItems({ k: 5 });
  const milliseconds = performance.now() - start;
  next.replaceChildren(...list.map((item) => line(item, recommender, history)));
  status.textContent =
    `${history.length > 0 ? 'Recommended' : 'What everybody reads, found'} among ${recommender.numItems} books ` +
    `in ${milliseconds.toFixed(1)} ms, without a server.`;
}

function line(item, recommender, history) {
  const element = document.createElement('li');
  element.textContent = nameOf(item);
  if (history.length > 0) {
    const [because] = recommender.explain({ history }, item.id).shares;
    const reason = document.createElement('small');
    reason.textContent = `because of ${nameOf(because)}`;
    element.append(reason);
  }
  return element;
}
