// A synthetic shop: products made of theme words, and customers whose taste follows a few themes. Everything comes
// from the seed; no real product, person or purchase is in it.

const THEMES = {
  coffee: [
    'espresso',
    'grinder',
    'kettle',
    'filter',
    'mug',
    'roast',
    'crema',
    'portafilter',
    'tamper',
    'milk',
  ],
  garden: [
    'trowel',
    'hose',
    'planter',
    'seedling',
    'compost',
    'pruner',
    'greenhouse',
    'mulch',
    'rake',
    'lawn',
  ],
  cycling: [
    'helmet',
    'saddle',
    'pedal',
    'derailleur',
    'pannier',
    'spoke',
    'handlebar',
    'pump',
    'chain',
    'brake',
  ],
  painting: [
    'brush',
    'canvas',
    'acrylic',
    'easel',
    'palette',
    'pigment',
    'watercolour',
    'sketch',
    'varnish',
    'primer',
  ],
  camping: [
    'tent',
    'lantern',
    'stove',
    'hammock',
    'sleeping',
    'backpack',
    'compass',
    'tarp',
    'campfire',
    'mattress',
  ],
  baking: ['whisk', 'yeast', 'flour', 'oven', 'dough', 'pastry', 'muffin', 'rolling', 'icing', 'sourdough'],
  music: [
    'guitar',
    'strings',
    'amplifier',
    'metronome',
    'capo',
    'drumstick',
    'tuner',
    'keyboard',
    'reed',
    'pickup',
  ],
  office: [
    'notebook',
    'stapler',
    'binder',
    'pencil',
    'folder',
    'marker',
    'calendar',
    'desk',
    'envelope',
    'printer',
  ],
};
const BRANDS = ['Alder', 'Birchway', 'Corvo', 'Dunmore', 'Elmet', 'Fennick', 'Gorsedale', 'Hollin'];
const COLOURS = ['black', 'white', 'red', 'green', 'blue', 'grey', 'yellow', 'orange'];
const QUALITIES = [
  'compact',
  'classic',
  'sturdy',
  'light',
  'premium',
  'everyday',
  'handy',
  'foldable',
  'durable',
];
const KINDS = ['set', 'kit', 'bundle', 'starter pack', 'refill', 'holder', 'case', 'stand'];

/**
 * @param {{ seed?: number, items?: number, users?: number }} options
 * @returns {{ items: { id: string, title: string, description: string }[], interactions: [user: string, item: string, rating: number][] }}
 */
export function makeCatalogue({ seed = 7, items: numItems = 900, users: numUsers = 1500 } = {}) {
  const random = generator(seed);
  const themes = Object.keys(THEMES);
  const products = Array.from({ length: numItems }, (_, n) =>
    makeProduct(n, themes[n % themes.length], random),
  );
  const interactions = [];
  for (let user = 0; user < numUsers; user++) {
    const tastes = makeTastes(themes, random);
    const weights = products.map((product) => appeal(product, tastes));
    const count = 4 + Math.floor(random() * 4);
    for (const item of drawDistinct(weights, count, random)) {
      const rating = tastes.themes.has(products[item].theme)
        ? 4 + (random() < 0.6 ? 1 : 0)
        : 3 + Math.floor(random() * 3);
      interactions.push([`customer${user + 1}`, products[item].id, rating]);
    }
  }
  return { items: products.map(({ id, title, description }) => ({ id, title, description })), interactions };
}

function makeProduct(n, theme, random) {
  const words = pickSome(THEMES[theme], 3, random);
  const [brand, colour, quality, kind] = [BRANDS, COLOURS, QUALITIES, KINDS].map((list) =>
    pick(list, random),
  );
  return {
    id: `P${String(n + 1).padStart(4, '0')}`,
    theme,
    words,
    brand,
    // A few products sell far more than the rest, whatever their text says.
    popularity: 1 / (1 + Math.floor(random() * numRanks)) ** 0.4,
    title: `${brand} ${quality} ${words[0]} ${kind}`,
    description: `${quality} ${colour} ${words.join(' and ')} ${kind} by ${brand}, for ${theme} at home`,
  };
}

const numRanks = 60;

/** One to three themes, two words of each that the customer looks for, and a brand. */
function makeTastes(themes, random) {
  const chosen = pickSome(themes, 1 + Math.floor(random() * 3), random);
  const words = chosen.flatMap((theme) => pickSome(THEMES[theme], 2, random));
  return { themes: new Set(chosen), words: new Set(words), brand: pick(BRANDS, random) };
}

/** How likely a customer is to buy a product; never zero, since people also buy presents. */
function appeal({ theme, words, brand, popularity }, tastes) {
  const matching = words.filter((word) => tastes.words.has(word)).length;
  const themeAppeal = tastes.themes.has(theme) ? 1 + 20 * matching : 0.02;
  return popularity * themeAppeal * (brand === tastes.brand ? 1.5 : 1);
}

/** `count` distinct positions, drawn one by one in proportion to their weights. */
function drawDistinct(weights, count, random) {
  const left = [...weights];
  const drawn = [];
  while (drawn.length < count) {
    const ticket = random() * left.reduce((sum, weight) => sum + weight, 0);
    let passed = 0;
    let position = 0;
    for (let n = 0; n < left.length && passed <= ticket; n++) {
      if (left[n] === 0) continue;
      position = n;
      passed += left[n];
    }
    drawn.push(position);
    left[position] = 0;
  }
  return drawn;
}

function pickSome(list, count, random) {
  const weights = list.map(() => 1);
  return drawDistinct(weights, count, random).map((n) => list[n]);
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
