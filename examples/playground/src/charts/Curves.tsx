import { useEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Entrant, EpochPoint } from '../messages.ts';

const HEIGHT = 220;
export const COLOURS: Readonly<Record<Entrant, string>> = {
  xavier: '#8a8f98',
  variance: '#b8860b',
  'graph-pca': '#1f77b4',
  l3ae: '#c2410c',
  auto: '#2e8b57',
};

interface Props {
  readonly points: readonly EpochPoint[];
  readonly value: 'metric' | 'loss';
  readonly label: string;
}

/** A value over seconds, a line an entrant. */
export function Curves({ points, value, label }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { names, table } = useMemo(() => tableOf(points, value), [points, value]);
  const key = names.join();
  // A chart is made anew for other lines, and filled below.
  useEffect(() => {
    const stroke = getComputedStyle(element.current!).color;
    const axis = { stroke, grid: { stroke: '#8883' }, ticks: { stroke: '#8883' } };
    plot.current = new uPlot(
      {
        width: element.current!.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false } },
        axes: [{ ...axis, label: 'seconds', labelSize: 20 }, axis],
        series: [
          { label: 'seconds', value: (_, seconds) => seconds?.toFixed(1) ?? '–' },
          ...names.map((name) => ({
            label: name,
            stroke: COLOURS[name],
            width: 2,
            spanGaps: true,
            points: { show: names.length < 2 },
          })),
        ],
        legend: { live: false },
      },
      table,
      element.current!,
    );
    const observer = new ResizeObserver(([{ contentRect }]) =>
      plot.current?.setSize({ width: contentRect.width, height: HEIGHT }),
    );
    observer.observe(element.current!);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [key]);
  useEffect(() => plot.current?.setData(table), [table]);
  return (
    <figure class="curves">
      <figcaption>{label}</figcaption>
      <div ref={element} role="img" aria-label={`${label} over seconds: ${spoken(points, value)}`} />
    </figure>
  );
}

/** uPlot's table: all seconds in order, and a column of values for each entrant. */
function tableOf(
  points: readonly EpochPoint[],
  value: 'metric' | 'loss',
): { names: Entrant[]; table: uPlot.AlignedData } {
  const own = points.filter((point) => point[value] !== null).sort((a, b) => a.seconds - b.seconds);
  const names = Array.from(new Set(points.map(({ entrant }) => entrant)));
  const columns = names.map((name) => own.map((point) => (point.entrant === name ? point[value] : null)));
  return { names, table: [own.map(({ seconds }) => seconds), ...columns] };
}

function spoken(points: readonly EpochPoint[], value: 'metric' | 'loss'): string {
  const last = new Map(
    points.filter((point) => point[value] !== null).map((point) => [point.entrant, point[value]]),
  );
  return Array.from(last, ([name, number]) => `${name} ${number!.toFixed(4)}`).join(', ') || 'nothing yet';
}
