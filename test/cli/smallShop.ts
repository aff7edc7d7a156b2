/** A deterministic shop: 40 users and 24 items of three themes; users buy within their theme, and now and then not. */
export function smallShop(): { interactions: string[][]; items: string[][] } {
  const words = [
    ['tent', 'lantern', 'stove', 'rope'],
    ['flour', 'oven', 'whisk', 'sugar'],
    ['saddle', 'pedal', 'chain', 'pump'],
  ];
  const items = Array.from({ length: 24 }, (_, n) => {
    const own = words[n % 3];
    const [a, b] = [own[n % 4], own[Math.floor(n / 3) % 4]];
    return [
      `i${n}`,
      `The ${a}, "${b}" edition ${n}`,
      `${a} and ${b} for people with taste ${n % 5 === 0 ? own[0] : own[3]}`,
    ];
  });
  const interactions: string[][] = [];
  for (let user = 0; user < 40; user++) {
    for (let n = 0; n < 6; n++) {
      const item = n === 5 ? (user * 7 + 1) % 24 : ((user * 3 + n * 6 + (user % 3)) % 8) * 3 + (user % 3);
      const rating = (user + n) % 9 === 0 ? 2 : 5;
      interactions.push([`u${user}`, `i${item}`, `${rating}`, `${1000 + user * 10 + n}`]);
    }
  }
  return { interactions, items };
}

/** Rows as CSV under a header, with quotes where a cell needs them. */
export function csv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (value: string) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
