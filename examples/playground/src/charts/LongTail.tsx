const WIDTH = 640;
const HEIGHT = 120;

/** Interactions of every item, most first: few have many. */
export function LongTail({ degrees }: { degrees: readonly number[] }) {
  const most = Math.log1p(degrees[0] ?? 1);
  const step = Math.max(1, Math.floor(degrees.length / WIDTH));
  const points = degrees
    .filter((_, n) => n % step === 0)
    .map((degree, n, all) => {
      const x = (n / Math.max(1, all.length - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - (Math.log1p(degree) / most) * HEIGHT).toFixed(1)}`;
    });
  const half = halfOf(degrees);
  const share = Math.round((100 * half) / degrees.length);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`The long tail: ${share} % of the items have half of the interactions`}
      >
        <polygon points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
      </svg>
      <figcaption>
        The long tail: from the most popular item ({degrees[0]?.toLocaleString()} interactions) to the least;{' '}
        {share} % of the items have half of all interactions.
      </figcaption>
    </figure>
  );
}

/** How many items, most popular first, have half of the interactions. */
function halfOf(degrees: readonly number[]): number {
  const total = degrees.reduce((sum, degree) => sum + degree, 0);
  let sum = 0;
  return (
    1 +
    degrees.findIndex((degree) => {
      sum += degree;
      return sum >= total / 2;
    })
  );
}
