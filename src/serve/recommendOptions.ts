import { boolean, instance, integer } from '../options/builders.ts';
import type { DescriptorsOf } from '../options/descriptor.ts';
import type { RecommendOptions } from './recommender.ts';

const ids = (about: string) => instance<readonly string[]>('a list of item ids', Array.isArray, { about });

/** Every option of `similarItems` and `popularItems`. */
export const SIMILAR_OPTIONS = {
  k: integer({ about: 'how many items', flag: '-k, --top <n>', min: 1, default: 10 }),
  exclude: ids('items never to return'),
  only: ids('the only items to return'),
} satisfies DescriptorsOf<Omit<RecommendOptions, 'includeSeen'>>;

/** Every option of `recommend` and `recommendFor`. */
export const RECOMMEND_OPTIONS = {
  ...SIMILAR_OPTIONS,
  includeSeen: boolean({
    ...{ about: 'allow items that the user has already', flag: '--include-seen', default: false },
  }),
} satisfies DescriptorsOf<RecommendOptions>;
