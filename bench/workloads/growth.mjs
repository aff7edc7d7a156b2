// How serving grows with the number of items: one user at a time, and many.
import { normalNumbers } from '../graphs.mjs';
import { measureCase, timed } from '../measure.mjs';

const DIM = 128;
const USERS = 256;

/** Top-10 over 6 k to 100 k items. */
export async function serving(context) {
  const cases = [];
  for (const thousands of context.quick ? [1, 4] : [6, 12, 25, 50, 100]) {
    const numItems = thousands * 1000;
    const contestants = [1, USERS].map((users) => ranking(context, numItems, users));
    const result = await measureCase(context, {
      title: `${numItems} items`,
      key: `${numItems}`,
      contestants,
    });
    cases.push({ ...result, numItems, users: [1, USERS] });
  }
  return cases;
}

function ranking({ library, runtime }, numItems, numUsers) {
  const workspace = runtime.open();
  const ranker = new library.Ranker(workspace, numItems, DIM, numUsers === 1 ? 'one' : 'many', 10);
  ranker.setItems(workspace.matrixFrom(normalNumbers(numItems * DIM, 0.1, 14), numItems, DIM));
  const users = normalNumbers(USERS * DIM, 0.1, 15);
  const query = (user) => users.subarray(user * DIM, (user + 1) * DIM);
  let seen = 0;
  return {
    name: numUsers === 1 ? 'one user' : `${numUsers} users`,
    ours: true,
    run: timed(() => {
      const exclude = (_user, mask) => mask.exclude([1, 2, 3]);
      const count = (_user, { items }) => {
        seen += items.length;
      };
      ranker.rank(numUsers, 10, query, exclude, count);
    }),
    result: () => [seen],
  };
}
