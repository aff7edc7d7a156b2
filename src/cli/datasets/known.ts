/** How many there are of what. */
export interface Counts {
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

/** A dataset of the paper. */
export interface KnownDataset {
  /** Of the Amazon data of 2014. */
  readonly category: string;
  /** Table 4 of Zhang et al. (LLMInit, 2025), less the row of padding that its users and items count. */
  readonly published: Counts;
}

/** The datasets of Table 1 by the names that `llminit dataset` and `llminit reproduce --dataset` take. */
export const KNOWN_DATASETS: Readonly<Record<string, KnownDataset>> = {
  'amazon-beauty': {
    category: 'Beauty',
    published: { users: 10_553, items: 6_086, interactions: 94_148 },
  },
  'amazon-toys-games': {
    category: 'Toys_and_Games',
    published: { users: 11_268, items: 7_309, interactions: 95_420 },
  },
  'amazon-tools-home': {
    category: 'Tools_and_Home_Improvement',
    published: { users: 9_245, items: 6_198, interactions: 73_250 },
  },
  'amazon-office': {
    category: 'Office_Products',
    published: { users: 3_260, items: 1_583, interactions: 36_544 },
  },
};

/** The dataset of a name; undefined for a name that is none. */
export function knownDataset(name: string): KnownDataset | undefined {
  return Object.hasOwn(KNOWN_DATASETS, name) ? KNOWN_DATASETS[name] : undefined;
}

/** `10553 users, 6086 items, 94148 interactions`. */
export function countsText({ users, items, interactions }: Counts): string {
  return `${users} users, ${items} items, ${interactions} interactions`;
}
