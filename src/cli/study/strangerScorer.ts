import type { Query, Scorer } from '../../rank/scorer.ts';

/** A scorer to which everybody is a stranger: it goes by histories alone. */
export function forStrangers(scorer: Scorer): Scorer {
  const stranger = ({ history }: Query): Query => ({ user: null, history });
  return {
    kind: scorer.kind,
    name: scorer.name,
    numItems: scorer.numItems,
    open(workspace, load, usualK) {
      const open = scorer.open(workspace, load, usualK);
      return {
        start: () => open.start(),
        rank: (count, k, query, mask, visit) => open.rank(count, k, (n) => stranger(query(n)), mask, visit),
      };
    },
    explain: (query, item) => scorer.explain(stranger(query), item),
    adder(workspace, most) {
      const adder = scorer.adder(workspace, most);
      return {
        start: () => adder.start(),
        add: (queries, factor, scores) => adder.add(queries.map(stranger), factor, scores),
      };
    },
  };
}
