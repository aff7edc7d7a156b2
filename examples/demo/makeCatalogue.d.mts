export interface DemoItem {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** An invented shop; the same for the same options. */
export function makeCatalogue(options?: { seed?: number; items?: number; users?: number }): {
  items: DemoItem[];
  interactions: [user: string, item: string, rating: number][];
};
