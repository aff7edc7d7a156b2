import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { VectorSummary } from '../messages.ts';

const SIZE = { width: 640, height: 360 };
const MARGIN = 12;
const REACH = 14;

/** The items by the first two principal components of their vectors; those that `search` names stand out. */
export function ItemMap({ vectors, search }: { vectors: VectorSummary; search: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const places = useMemo(() => placed(vectors.points), [vectors]);
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return new Set<number>();
    const matches = vectors.titles.flatMap((title, n) =>
      words.every((word) => title.toLowerCase().includes(word)) ? [n] : [],
    );
    return new Set(matches);
  }, [vectors, search]);
  useEffect(() => draw(canvas.current!, places, found, pointed), [places, found, pointed]);
  const onMove = ({ offsetX, offsetY, currentTarget }: MouseEvent) => {
    const scale = SIZE.width / (currentTarget as HTMLElement).clientWidth;
    setPointed(nearest(places, offsetX * scale, offsetY * scale));
  };
  return (
    <figure>
      <canvas
        ref={canvas}
        {...SIZE}
        role="img"
        aria-label={`A map of ${vectors.titles.length} items by their vectors`}
        onMouseMove={onMove}
        onMouseLeave={() => setPointed(null)}
      />
      <figcaption>
        {pointed !== null
          ? vectors.titles[pointed]
          : found.size > 0
            ? `${found.size} found: ${Array.from(found)
                .slice(0, 3)
                .map((n) => vectors.titles[n])
                .join(', ')} …`
            : 'Items that lie together have texts alike. Point at one.'}
      </figcaption>
    </figure>
  );
}

/** Canvas coordinates, x and y by turns. */
function placed(points: Float32Array): Float32Array {
  const scaled = new Float32Array(points.length);
  for (const axis of [0, 1]) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let n = axis; n < points.length; n += 2) {
      low = Math.min(low, points[n]);
      high = Math.max(high, points[n]);
    }
    const extent = (axis === 0 ? SIZE.width : SIZE.height) - 2 * MARGIN;
    for (let n = axis; n < points.length; n += 2)
      scaled[n] = MARGIN + ((points[n] - low) / (high - low || 1)) * extent;
  }
  return scaled;
}

function nearest(places: Float32Array, x: number, y: number): number | null {
  let best: number | null = null;
  let least = REACH ** 2;
  for (let n = 0; n < places.length; n += 2) {
    const distance = (places[n] - x) ** 2 + (places[n + 1] - y) ** 2;
    if (distance < least) {
      least = distance;
      best = n / 2;
    }
  }
  return best;
}

function draw(
  canvas: HTMLCanvasElement,
  places: Float32Array,
  found: ReadonlySet<number>,
  pointed: number | null,
): void {
  const context = canvas.getContext('2d')!;
  const colours = getComputedStyle(canvas);
  context.clearRect(0, 0, SIZE.width, SIZE.height);
  const dot = (n: number, radius: number) => {
    context.beginPath();
    context.arc(places[2 * n], places[2 * n + 1], radius, 0, 2 * Math.PI);
    context.fill();
  };
  context.fillStyle = colours.getPropertyValue('--faint');
  for (let n = 0; n < places.length / 2; n++) dot(n, 2);
  context.fillStyle = colours.getPropertyValue('--accent');
  for (const n of found) dot(n, 4);
  if (pointed !== null) dot(pointed, 6);
}
