import type { Descriptors, OptionDescriptor } from '../../options/descriptor.ts';
import type { InitStrategy } from '../strategy.ts';
import { adapter } from './adapter.ts';
import { frozen } from './frozen.ts';
import { full } from './full.ts';
import { graphPca } from './graphPca.ts';
import { pca } from './pca.ts';
import { projection } from './projection.ts';
import { random } from './random.ts';
import { uniform } from './uniform.ts';
import { variance } from './variance.ts';
import { whiten } from './whiten.ts';
import { xavier } from './xavier.ts';

/** All ways to fill E⁽⁰⁾, in the order in which they are listed. A new one is a line here. */
const ENTRIES = [
  ...[xavier, random, uniform, variance, full],
  ...[pca, whiten, graphPca, projection],
  ...[frozen, adapter],
] as const;

type Entry = (typeof ENTRIES)[number];

/** The name of a way to fill E⁽⁰⁾. */
export type Strategy = Entry['name'];

/** The ways to fill E⁽⁰⁾. */
export const INIT_STRATEGIES: readonly InitStrategy<Strategy>[] = ENTRIES;

/** Their names. */
export const STRATEGIES: readonly Strategy[] = ENTRIES.map(({ name }) => name);

/** The options that strategies read beside those of all. */
export type StrategyOptions = Intersection<OptionsOf<Entry>>;

type OptionsOf<E> = E extends { readonly options: infer Options extends Descriptors }
  ? Values<Options>
  : never;

type Values<Options extends Descriptors> = {
  readonly [Name in keyof Options]?: Options[Name] extends OptionDescriptor<infer T, infer _> ? T : never;
};

/** A & B of A | B. */
type Intersection<Union> = (Union extends unknown ? (given: Union) => void : never) extends (
  given: infer All,
) => void
  ? All
  : never;
